(* Equality of open interest (J-3, L-7): in every reachable state the open lots of the two sides of each market are
   equal. The model has no check for it, so the one in the code can never fire.

   Owns: what each transition does to the open lots. Only a fill, a deleveraging and the end of a market's last leg
   change them. *)

From Coq Require Import NArith ZArith List Arith Lia.
From Breakwater Require Import Model Transitions Conservation.
Import ListNotations.
Open Scope Z_scope.

Definition longs (m : market) : Z := Z.of_N (long_lots m).
Definition shorts (m : market) : Z := Z.of_N (short_lots m).

(* A figure of market k; nothing without one. *)
Definition at_market (f : market -> Z) (s : state) (k : nat) : Z :=
  match nth_error (markets s) k with Some m => f m | None => 0 end.

Definition leg_at (s : state) (a m : nat) : option leg :=
  match nth_error (accounts s) a with Some acc => nth_error (legs acc) m | None => None end.
Definition lots_at (s : state) (a m : nat) : Z := match leg_at s a m with Some l => lots l | None => 0 end.

Lemma nth_replace : forall A (l : list A) n x y k, nth_error l n = Some x ->
  nth_error (replace n y l) k = if Nat.eqb k n then Some y else nth_error l k.
Proof.
  induction l as [| head rest IH]; destruct n, k; simpl; intros; try discriminate; try reflexivity.
  eapply IH. eassumption.
Qed.

(* ---- Places ---- *)

(* Market m was p and is q, the others are as they were. *)
Definition changes (s after : state) (m : nat) (p q : market) : Prop :=
  forall f k, (k = m -> at_market f s k = f p) /\
    at_market f after k = if Nat.eqb k m then f q else at_market f s k.

Lemma replaced_market : forall s after m p q, nth_error (markets s) m = Some p ->
  markets after = replace m q (markets s) -> changes s after m p q.
Proof.
  intros * Hp E f k. unfold at_market. split; [intros ->; rewrite Hp; reflexivity |].
  rewrite E, (nth_replace _ _ _ _ _ k Hp). destruct (Nat.eqb k m); reflexivity.
Qed.

Lemma on_changes : forall a m f s after, on a m f s = Some after ->
  exists p q, f p = Some q /\ changes s after m (p_market p) (p_market q) /\ leg_at s a m = Some (p_leg p) /\
    (forall b, b <> a -> leg_at after b m = leg_at s b m).
Proof.
  unfold on. intros. succeed. eexists _, _. split; [eassumption |]. split; [| split].
  - eapply replaced_market; [eassumption |]. subst. reflexivity.
  - unfold leg_at. rewrite Heqo. exact Heqo0.
  - intros b N. unfold leg_at. subst. cbn. rewrite (nth_replace _ _ _ _ _ b Heqo).
    destruct (Nat.eqb_spec b a); [contradiction | reflexivity].
Qed.

Lemma on_leg_changes : forall a m f s after, on_leg a m f s = Some after ->
  exists p q, f p = Some q /\ changes s after m (p_market p) (p_market q) /\ leg_at s a m = Some (p_leg p) /\
    (forall b, b <> a -> leg_at after b m = leg_at s b m).
Proof.
  unfold on_leg. intros * H. apply on_changes in H. destruct H as (p & q & H & C). succeed. eauto.
Qed.

Lemma on_market_changes : forall m f s after, on_market m f s = Some after ->
  exists t u, f t = Some u /\ changes s after m (t_market t) (t_market u).
Proof.
  unfold on_market. intros. succeed. eexists _, _. split; [eassumption |].
  eapply replaced_market; [eassumption |]. subst. reflexivity.
Qed.

Definition same_markets (s after : state) : Prop := markets after = markets s.

Lemma on_capital_same : forall a f s after, on_capital a f s = Some after -> same_markets s after.
Proof. unfold on_capital. intros. succeed. subst. reflexivity. Qed.
Lemma cash_in_same : forall x s after, cash_in x s = Some after -> same_markets s after.
Proof. unfold cash_in. intros. succeed. subst. reflexivity. Qed.
Lemma cash_out_same : forall x s after, cash_out x s = Some after -> same_markets s after.
Proof. unfold cash_out. intros. succeed. subst. reflexivity. Qed.

(* Both in terms of the two sides of one market. *)
Lemma changes_sides : forall s after m p q k, changes s after m p q ->
  (k = m -> at_market longs s k = longs p /\ at_market shorts s k = shorts p) /\
  at_market longs after k = (if Nat.eqb k m then longs q else at_market longs s k) /\
  at_market shorts after k = (if Nat.eqb k m then shorts q else at_market shorts s k).
Proof. intros * C. pose proof (C longs k). pose proof (C shorts k). intuition. Qed.
Lemma same_sides : forall s after k, same_markets s after ->
  at_market longs after k = at_market longs s k /\ at_market shorts after k = at_market shorts s k.
Proof. unfold same_markets, at_market. intros * ->. auto. Qed.

(* ---- Functions that leave the open lots alone ---- *)

Definition same_open (m n : market) : Prop := longs n = longs m /\ shorts n = shorts m.

Lemma book_same : forall x p q, book x p = Some q -> same_open (p_market p) (p_market q).
Proof.
  unfold book. intros. succeed; solve_local book_loss; solve_local book_gain; split; reflexivity.
Qed.
Lemma touch_same : forall t p q, touch t p = Some q -> same_open (p_market p) (p_market q).
Proof. unfold touch. intros * H. apply book_same in H. exact H. Qed.
Lemma pay_debt_same : forall x p q, pay_debt x p = Some q -> same_open (p_market p) (p_market q).
Proof. solve_local pay_debt; split; reflexivity. Qed.
Lemma convert_same : forall x y p q, convert x y p = Some q -> same_open (p_market p) (p_market q).
Proof. solve_local convert; split; reflexivity. Qed.
Lemma give_up_same : forall x y z p q, give_up x y z p = Some q -> same_open (p_market p) (p_market q).
Proof. solve_local give_up; split; reflexivity. Qed.
Lemma within_cap_same : forall p q, within_cap p = Some q -> q = p.
Proof. solve_local within_cap; reflexivity. Qed.
Lemma leave_pool_same : forall x y p q, leave_pool x y p = Some q -> same_open (p_market p) (p_market q).
Proof. solve_local leave_pool; split; reflexivity. Qed.
Lemma enter_pool_same : forall x p q, enter_pool x p = Some q -> same_open (p_market p) (p_market q).
Proof. solve_local enter_pool; split; reflexivity. Qed.
Lemma draw_same : forall x t u, draw x t = Some u -> same_open (t_market t) (t_market u).
Proof. solve_local draw; split; reflexivity. Qed.
Lemma share_same : forall x y z t u, share x y z t = Some u -> same_open (t_market t) (t_market u).
Proof. solve_local share; split; reflexivity. Qed.
Lemma pay_from_reserve_same : forall x t u, pay_from_reserve x t = Some u -> same_open (t_market t) (t_market u).
Proof. solve_local pay_from_reserve; split; reflexivity. Qed.
Lemma sweep_same : forall x y z w t u, sweep x y z w t = Some u -> same_open (t_market t) (t_market u).
Proof. solve_local sweep; solve_local draw; solve_local pay_from_reserve; split; reflexivity. Qed.
Lemma accrue_same : forall x y t u, accrue x y t = Some u -> same_open (t_market t) (t_market u).
Proof. solve_local accrue; split; reflexivity. Qed.

(* ---- Functions that move lots ---- *)

(* What a change of signed lots from l by z does to its long and its short side. *)
Definition opened_long (l z : Z) : Z := Z.max 0 (l + z) - Z.max 0 l.
Definition opened_short (l z : Z) : Z := Z.max 0 (- (l + z)) - Z.max 0 (- l).

Lemma take_lots_is : forall z m n, take_lots z m = Some n ->
  longs n = longs m - Z.max 0 z /\ shorts n = shorts m - Z.max 0 (- z).
Proof.
  unfold take_lots, longs, shorts. intros. destruct (Z.ltb_spec z 0); succeed; figures; subst; cbn; lia.
Qed.
Lemma give_lots_is : forall z m n, give_lots z m = Some n ->
  longs n = longs m + Z.max 0 z /\ shorts n = shorts m + Z.max 0 (- z).
Proof.
  unfold give_lots, longs, shorts. intros. destruct (Z.ltb_spec z 0); succeed; figures; subst; cbn; lia.
Qed.
Lemma move_lots_is : forall z p q, move_lots z p = Some q ->
  longs (p_market q) = longs (p_market p) + opened_long (lots (p_leg p)) z /\
  shorts (p_market q) = shorts (p_market p) + opened_short (lots (p_leg p)) z.
Proof.
  unfold move_lots, set_lots, opened_long, opened_short. intros. succeed. subst. cbn.
  apply take_lots_is in Heqo. apply give_lots_is in Heqo0. lia.
Qed.

Lemma close_against_is : forall x p q, close_against x p = Some q ->
  longs (p_market q) = longs (p_market p) - Z.of_N x /\ shorts (p_market q) = shorts (p_market p) - Z.of_N x.
Proof.
  unfold close_against. intros. succeed. figures. apply within_cap_same in H. subst. cbn.
  apply move_lots_is in Heqo. apply take_lots_is in Heqo0. unfold opened_long, opened_short in *.
  destruct (lots (p_leg p)) eqn:E; cbn [Z.sgn] in *; lia.
Qed.

(* ---- Whole transitions ---- *)

(* Uses what a transition says about market k for both sides. *)
Ltac both k :=
  repeat match goal with
  | C : changes _ _ _ _ _ |- _ => apply changes_sides with (k := k) in C; destruct C as (? & ? & ?)
  | C : same_markets _ _ |- _ => apply same_sides with (k := k) in C; destruct C
  end.

Ltac sides :=
  repeat match goal with
  | H : on_leg _ _ _ _ = Some _ |- _ => apply on_leg_changes in H; destruct H as (? & ? & ? & ? & ? & ?)
  | H : on _ _ _ _ = Some _ |- _ => apply on_changes in H; destruct H as (? & ? & ? & ? & ? & ?)
  | H : on_market _ _ _ = Some _ |- _ => apply on_market_changes in H; destruct H as (? & ? & ? & ?)
  | H : on_capital _ _ _ = Some _ |- _ => apply on_capital_same in H
  | H : cash_in _ _ = Some _ |- _ => apply cash_in_same in H
  | H : cash_out _ _ = Some _ |- _ => apply cash_out_same in H
  | H : touch _ _ = Some _ |- _ => apply touch_same in H; destruct H
  | H : book _ _ = Some _ |- _ => apply book_same in H; destruct H
  | H : cover_debt _ = Some _ |- _ => apply pay_debt_same in H; destruct H
  | H : pay_debt _ _ = Some _ |- _ => apply pay_debt_same in H; destruct H
  | H : convert _ _ _ = Some _ |- _ => apply convert_same in H; destruct H
  | H : give_up _ _ _ _ = Some _ |- _ => apply give_up_same in H; destruct H
  | H : leave_pool _ _ _ = Some _ |- _ => apply leave_pool_same in H; destruct H
  | H : enter_pool _ _ = Some _ |- _ => apply enter_pool_same in H; destruct H
  | H : draw _ _ = Some _ |- _ => apply draw_same in H; destruct H
  | H : share _ _ _ _ = Some _ |- _ => apply share_same in H; destruct H
  | H : pay_from_reserve _ _ = Some _ |- _ => apply pay_from_reserve_same in H; destruct H
  | H : sweep _ _ _ _ _ = Some _ |- _ => apply sweep_same in H; destruct H
  | H : accrue _ _ _ = Some _ |- _ => apply accrue_same in H; destruct H
  | H : within_cap _ = Some _ |- _ => apply within_cap_same in H; subst
  | H : move_lots _ _ = Some _ |- _ => apply move_lots_is in H; destruct H
  | H : close_against _ _ = Some _ |- _ => apply close_against_is in H; destruct H
  end.

Lemma finish_is : forall a m s after k, finish a m s = Some after ->
  (at_market longs after k = at_market longs s k /\ at_market shorts after k = at_market shorts s k) \/
  (at_market longs after k = 0 /\ at_market shorts after k = 0).
Proof.
  unfold finish. intros. succeed; sides; succeed; subst; both k; unfold longs, shorts in *; cbn in *;
    destruct (Nat.eqb_spec k m) || idtac; cbn in *; try lia.
Qed.

(* A fill opens what it adds to its two legs, a deleveraging closes its lots on both sides, the end of a market's last
   leg clears them, and nothing else changes them. *)
Theorem open_interest_follows : forall o s after k, step o s = Some after ->
  match o with
  | Fill m buyer seller q =>
      let b := lots_at s buyer m in
      let l := lots_at s seller m in
      buyer <> seller ->
      at_market longs after k = at_market longs s k
        + (if Nat.eqb k m then opened_long b (Z.of_N q) + opened_long l (- Z.of_N q) else 0) /\
      at_market shorts after k = at_market shorts s k
        + (if Nat.eqb k m then opened_short b (Z.of_N q) + opened_short l (- Z.of_N q) else 0)
  | Deleverage _ m q =>
      at_market longs after k = at_market longs s k - (if Nat.eqb k m then Z.of_N q else 0) /\
      at_market shorts after k = at_market shorts s k - (if Nat.eqb k m then Z.of_N q else 0)
  | Finish _ _ =>
      (at_market longs after k = at_market longs s k /\ at_market shorts after k = at_market shorts s k) \/
      (at_market longs after k = 0 /\ at_market shorts after k = 0)
  | _ => at_market longs after k = at_market longs s k /\ at_market shorts after k = at_market shorts s k
  end.
Proof.
  intros o s after k H. destruct o; cbn [step] in H;
    try (exact (finish_is _ _ _ _ k H));
    try (unfold fill in H); try (unfold pay_with_claim in H); try (unfold fee_from_claim in H); cbv zeta in *; succeed; sides; succeed; subst;
    try (intros D); both k; unfold same_open, set_fund, lots_at in *; unfold at_market, longs, shorts in *; cbn in *;
    repeat match goal with |- context [Nat.eqb k ?m] => destruct (Nat.eqb_spec k m)
      | _ : context [Nat.eqb k ?m] |- _ => destruct (Nat.eqb_spec k m) end; try lia.
  (* Left: a fill, whose second leg is still as it was. *)
  match goal with O : forall b, b <> buyer -> leg_at _ b _ = leg_at s b _ |- _ => rewrite <- (O seller) by auto end.
  repeat match goal with L : leg_at _ _ _ = Some _ |- _ => rewrite L end. lia.
Qed.

Definition even (s : state) : Prop := forall k, at_market longs s k = at_market shorts s k.

Theorem step_keeps_even : forall o s after, even s -> step o s = Some after -> even after.
Proof.
  intros o s after E H k. specialize (E k). destruct o;
    try (apply (open_interest_follows _ _ _ k) in H; cbn in H; try destruct (Nat.eqb _ _); lia).
  (* A fill, also of an account with itself. *)
  cbn [step] in H. unfold fill in H. succeed. sides. both k. unfold opened_long, opened_short in *.
  destruct (Nat.eqb_spec k m); lia.
Qed.

Theorem open_interest_is_equal : forall s, reachable s ->
  forall m mk, nth_error (markets s) m = Some mk -> long_lots mk = short_lots mk.
Proof.
  intros s Hs. cut (even s).
  - intros E m mk H. specialize (E m). unfold at_market, longs, shorts in E. rewrite H in E. lia.
  - revert s Hs. apply reachable_ind; [| exact step_keeps_even].
    intros na nm k. unfold at_market, start. cbn.
    assert (N : forall n j, nth_error (repeat no_market n) j = Some no_market \/
      nth_error (repeat no_market n) j = None)
      by (induction n, j; cbn; auto).
    destruct (N nm k) as [-> | ->]; reflexivity.
Qed.

Print Assumptions open_interest_follows.
Print Assumptions step_keeps_even.
Print Assumptions open_interest_is_equal.
