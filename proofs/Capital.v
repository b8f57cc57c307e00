(* Capital is withdrawable in full: in every reachable state the vault covers all capital at once, every account can
   withdraw all of its own, in any order, whoever has withdrawn before, and what any transition takes from an account's
   capital is one of four things that name the account.

   Owns: the drain of all accounts; what lowers capital.
   Assumes away the owner's own margin (W-1) and the outflow window (W-4), which may delay a withdrawal. *)

From Coq Require Import NArith ZArith List Arith Lia.
From Breakwater Require Import Model Transitions Conservation OpenInterest.
Import ListNotations.
Open Scope N_scope.

Definition capital_of (s : state) (a : nat) : N :=
  match nth_error (accounts s) a with Some acc => capital acc | None => 0 end.
Definition all_capital (s : state) : N := sum capital (accounts s).

(* ---- What lowers capital ---- *)

Lemma on_capital_of : forall a m f s after, on a m f s = Some after ->
  exists p q, f p = Some q /\ leg_at s a m = Some (p_leg p) /\ p_capital p = capital_of s a /\
    forall b, capital_of after b = if Nat.eqb b a then p_capital q else capital_of s b.
Proof.
  unfold on. intros. succeed. eexists _, _. split; [eassumption |]. unfold leg_at, capital_of. subst. cbn.
  rewrite Heqo. split; [exact Heqo0 |]. split; [reflexivity |].
  intros b. rewrite (nth_replace _ _ _ _ _ b Heqo). destruct (Nat.eqb b a); reflexivity.
Qed.

Lemma on_leg_capital_of : forall a m f s after, on_leg a m f s = Some after ->
  exists p q, f p = Some q /\ leg_at s a m = Some (p_leg p) /\ p_capital p = capital_of s a /\
    forall b, capital_of after b = if Nat.eqb b a then p_capital q else capital_of s b.
Proof. unfold on_leg. intros * H. apply on_capital_of in H. destruct H as (p & q & H & C). succeed. eauto. Qed.

Lemma on_capital_capital_of : forall a f s after, on_capital a f s = Some after ->
  exists x y, f x = Some y /\ x = capital_of s a /\
    forall b, capital_of after b = if Nat.eqb b a then y else capital_of s b.
Proof.
  unfold on_capital. intros. succeed. eexists _, _. split; [eassumption |]. unfold capital_of. subst. cbn. rewrite Heqo.
  split; [reflexivity |]. intros b. rewrite (nth_replace _ _ _ _ _ b Heqo). destruct (Nat.eqb b a); reflexivity.
Qed.

Lemma on_market_capital_of : forall m f s after, on_market m f s = Some after ->
  forall b, capital_of after b = capital_of s b.
Proof. unfold on_market. intros. succeed. subst. reflexivity. Qed.
Lemma cash_in_capital_of : forall x s after, cash_in x s = Some after ->
  forall b, capital_of after b = capital_of s b.
Proof. unfold cash_in. intros. succeed. subst. reflexivity. Qed.
Lemma cash_out_capital_of : forall x s after, cash_out x s = Some after ->
  forall b, capital_of after b = capital_of s b.
Proof. unfold cash_out. intros. succeed. subst. reflexivity. Qed.

Lemma book_capital : forall x p q, book x p = Some q -> p_capital q = p_capital p.
Proof. unfold book. intros. succeed; solve_local book_loss; solve_local book_gain; reflexivity. Qed.
Lemma touch_capital : forall t p q, touch t p = Some q -> p_capital q = p_capital p.
Proof. unfold touch. intros * H. apply book_capital in H. exact H. Qed.
Lemma convert_capital : forall x y p q, convert x y p = Some q -> p_capital p <= p_capital q.
Proof. solve_local convert. Qed.
Lemma give_up_capital : forall x y z p q, give_up x y z p = Some q -> p_capital q = p_capital p.
Proof. solve_local give_up; reflexivity. Qed.
Lemma pay_debt_capital : forall x p q, pay_debt x p = Some q ->
  p_capital p = p_capital q + x /\ x <= debt (p_leg p).
Proof. solve_local pay_debt. Qed.
Lemma move_lots_capital : forall z p q, move_lots z p = Some q -> p_capital q = p_capital p.
Proof. unfold move_lots. solve_local set_lots; reflexivity. Qed.
Lemma close_against_capital : forall x p q, close_against x p = Some q -> p_capital q = p_capital p.
Proof.
  unfold close_against. intros. succeed. apply within_cap_same in H. apply move_lots_capital in Heqo. subst. exact Heqo.
Qed.
Lemma leave_pool_capital : forall x y p q, leave_pool x y p = Some q -> p_capital q = p_capital p.
Proof. solve_local leave_pool; reflexivity. Qed.
Lemma enter_pool_capital : forall x p q, enter_pool x p = Some q -> p_capital q = p_capital p.
Proof. solve_local enter_pool; reflexivity. Qed.

Ltac capitals b :=
  repeat match goal with
  | H : on_leg _ _ _ _ = Some _ |- _ =>
      apply on_leg_capital_of in H; destruct H as (? & ? & ? & ? & ? & H); specialize (H b)
  | H : on _ _ _ _ = Some _ |- _ =>
      apply on_capital_of in H; destruct H as (? & ? & ? & ? & ? & H); specialize (H b)
  | H : on_capital _ _ _ = Some _ |- _ =>
      apply on_capital_capital_of in H; destruct H as (? & ? & ? & ? & H); specialize (H b)
  | H : on_market _ _ _ = Some _ |- _ => apply on_market_capital_of with (b := b) in H
  | H : cash_in _ _ = Some _ |- _ => apply cash_in_capital_of with (b := b) in H
  | H : cash_out _ _ = Some _ |- _ => apply cash_out_capital_of with (b := b) in H
  | H : touch _ _ = Some _ |- _ => apply touch_capital in H
  | H : book _ _ = Some _ |- _ => apply book_capital in H
  | H : cover_debt _ = Some _ |- _ => apply pay_debt_capital in H; destruct H
  | H : pay_debt _ _ = Some _ |- _ => apply pay_debt_capital in H; destruct H
  | H : convert _ _ _ = Some _ |- _ => apply convert_capital in H
  | H : give_up _ _ _ _ = Some _ |- _ => apply give_up_capital in H
  | H : leave_pool _ _ _ = Some _ |- _ => apply leave_pool_capital in H
  | H : enter_pool _ _ = Some _ |- _ => apply enter_pool_capital in H
  | H : move_lots _ _ = Some _ |- _ => apply move_lots_capital in H
  | H : within_cap _ = Some _ |- _ => apply within_cap_same in H; subst
  | H : close_against _ _ = Some _ |- _ => apply close_against_capital in H
  end.

(* The most that a transition may take from an account's capital: its own withdrawal, its own debt, its fee, its
   charge. No deficit, deleveraging, conversion or payment of others ever does. *)
Definition may_take (o : op) (s : state) (b : nat) : N :=
  match o with
  | Withdraw a x => if Nat.eqb b a then x else 0
  | PayDebt a m x => if Nat.eqb b a then x else 0
  | CoverDebt a m =>
      if Nat.eqb b a then match leg_at s a m with Some l => debt l | None => 0 end else 0
  | Fee a _ fee insured => if Nat.eqb b a then fee + insured else 0
  | Charge payer _ _ paid insured => if Nat.eqb b payer then paid + insured else 0
  | _ => 0
  end.

Theorem capital_falls_only_by_its_own : forall o s after b, step o s = Some after ->
  capital_of s b <= capital_of after b + may_take o s b.
Proof.
  intros o s after b H. destruct o; cbn [step may_take] in *;
    try (unfold fill in H); try (unfold pay_with_claim in H); try (unfold fee_from_claim in H); try (unfold finish in H); cbv zeta in *;
    succeed; capitals b; succeed; figures; subst; unfold set_fund in *; unfold capital_of in *; cbn in *;
    repeat match goal with |- context [Nat.eqb ?n ?m] => destruct (Nat.eqb_spec n m); subst
      | _ : context [Nat.eqb ?n ?m] |- _ => destruct (Nat.eqb_spec n m); subst end;
    try match goal with L : leg_at _ _ _ = Some _ |- _ => rewrite L end; try lia.
Qed.

(* ---- Withdrawing all of it ---- *)

(* The accounts of a list withdraw all their capital, one after the other; one without capital has nothing to do. *)
Fixpoint withdraw_all (order : list nat) (s : state) : option state :=
  match order with
  | [] => Some s
  | a :: rest =>
      if capital_of s a =? 0 then withdraw_all rest s
      else let* s := step (Withdraw a (capital_of s a)) s in withdraw_all rest s
  end.

Lemma capital_within_all : forall s a, capital_of s a <= all_capital s.
Proof.
  intros s a. unfold capital_of, all_capital. generalize (accounts s) as l. intros l. revert a.
  induction l as [| head rest IH]; destruct a; cbn; try lia. specialize (IH a). lia.
Qed.

Theorem vault_covers_all_capital : forall s, reachable s -> all_capital s <= vault s.
Proof. intros s Hs. apply conservation in Hs. unfold cash, all_capital in *. lia. Qed.

Lemma withdrawal_succeeds : forall s a, balanced s -> 0 < capital_of s a ->
  exists after, step (Withdraw a (capital_of s a)) s = Some after /\ balanced after /\
    vault s = vault after + capital_of s a /\
    forall b, capital_of after b = if Nat.eqb b a then 0 else capital_of s b.
Proof.
  intros s a B H. pose proof (capital_within_all s a). destruct B as [E L].
  assert (exists after, step (Withdraw a (capital_of s a)) s = Some after) as [after Hs].
  { cbn. rewrite (proj2 (N.ltb_lt _ _) H). unfold on_capital, capital_of, cash, all_capital in *.
    destruct (nth_error (accounts s) a) as [acc |]; [| lia].
    unfold sub at 1. rewrite (proj2 (N.leb_le _ _) (N.le_refl _)). unfold cash_out, sub. cbn.
    rewrite (proj2 (N.leb_le (capital acc) (booked s))) by lia.
    rewrite (proj2 (N.leb_le (capital acc) (vault s))) by lia. eauto. }
  exists after. split; [exact Hs |].
  pose proof (step_conserves _ _ _ Hs) as [C V]. cbn in V.
  cbn in Hs. rewrite (proj2 (N.ltb_lt _ _) H) in Hs. succeed.
  pose proof Hs as O. apply cash_out_is in O. destruct O as (_ & _ & O).
  assert (vault s0 = vault s) by (unfold on_capital in Heqo; succeed; subst; reflexivity).
  split; [unfold balanced; lia |]. split; [lia |].
  intros b. apply cash_out_capital_of with (b := b) in Hs. rewrite Hs.
  apply on_capital_capital_of in Heqo. destruct Heqo as (x & y & S & X & Y). apply sub_is in S.
  rewrite Y. destruct (Nat.eqb b a); [lia | reflexivity].
Qed.

(* Whatever the order, and whoever has withdrawn before, every withdrawal of all capital succeeds; withdrawal_succeeds
   says that the vault pays it in full. *)
Theorem capital_is_withdrawable_in_full : forall s, reachable s -> forall order,
  exists after, withdraw_all order s = Some after /\
    (forall a, In a order -> capital_of after a = 0) /\
    (forall b, ~ In b order -> capital_of after b = capital_of s b).
Proof.
  intros s Hs order. assert (B : balanced s) by (apply conservation in Hs; unfold balanced; lia).
  clear Hs. revert s B. induction order as [| a rest IH]; cbn [withdraw_all]; intros s B.
  { exists s. cbn. intuition. }
  destruct (N.eqb_spec (capital_of s a) 0) as [Z | Z].
  - destruct (IH s B) as (after & W & D & K). exists after. split; [exact W |]. split.
    + intros b [-> | I]; [| auto]. destruct (in_dec Nat.eq_dec b rest); [auto | rewrite K; auto].
    + intros b N. apply K. intros I. apply N. right. exact I.
  - destruct (withdrawal_succeeds s a B) as (next & S & B' & _ & C); [lia |]. rewrite S.
    destruct (IH next B') as (after & W & D & K). exists after. split; [exact W |].
    assert (C' : capital_of next a = 0) by (rewrite C, Nat.eqb_refl; reflexivity).
    split.
    + intros b [<- | I]; [| auto]. destruct (in_dec Nat.eq_dec a rest); [auto | rewrite K; auto].
    + intros b N. rewrite K by (intros I; apply N; right; exact I). rewrite C.
      destruct (Nat.eqb_spec b a) as [-> |]; [| reflexivity]. exfalso. apply N. left. reflexivity.
Qed.

Print Assumptions capital_falls_only_by_its_own.
Print Assumptions vault_covers_all_capital.
Print Assumptions withdrawal_succeeds.
Print Assumptions capital_is_withdrawable_in_full.
