(* Conservation of money (J-1, J-2): in every reachable state the exchange's booked total is exactly the sum of all
   capital, all pools, all accrued shares, the insurance fund and the fees, and the vault holds at least as much.

   Owns: the sum `cash`, what each transition moves into and out of it, the two payments whose size is computed (C-4,
   S-3) and why they never ask a pool for more than it has. *)

From Coq Require Import NArith ZArith List Lia.
From Breakwater Require Import Model Transitions.
Import ListNotations.
Open Scope N_scope.

Fixpoint sum {A} (f : A -> N) (l : list A) : N :=
  match l with [] => 0 | x :: rest => f x + sum f rest end.

Definition market_cash (m : market) : N := pool m + reserve m + fees_accrued m + insurance_accrued m.

Definition cash (s : state) : N :=
  sum capital (accounts s) + sum market_cash (markets s) + insurance s + fees s.

(* ---- Tactics: every way in which a transition succeeds ---- *)

(* Splits `f x = Some y` along the checks of f. *)
Ltac succeed :=
  repeat match goal with
  | H : Some _ = Some _ |- _ => injection H as H
  | H : None = Some _ |- _ => discriminate H
  | H : match ?e with Some _ => _ | None => _ end = Some _ |- _ => destruct e eqn:?
  | H : (if ?e then _ else _) = Some _ |- _ => destruct e eqn:?
  end.

Lemma add_is : forall x y z, add x y = Some z -> z = x + y.
Proof. unfold add. intros. succeed. congruence. Qed.
Lemma sub_is : forall x y z, sub x y = Some z -> x = z + y.
Proof. unfold sub. intros. succeed. apply N.leb_le in Heqb. lia. Qed.
Lemma credit_is : forall x y z, credit x y = Some z -> z = x + y.
Proof. unfold credit. intros. succeed. apply add_is in Heqo. congruence. Qed.

(* Turns checked arithmetic into equations. *)
Ltac figures :=
  repeat match goal with
  | H : add _ _ = Some _ |- _ => apply add_is in H
  | H : sub _ _ = Some _ |- _ => apply sub_is in H
  | H : credit _ _ = Some _ |- _ => apply credit_is in H
  | H : (_ && _)%bool = true |- _ => apply andb_prop in H; destruct H
  | H : (_ <=? _) = true |- _ => apply N.leb_le in H
  | H : (_ <? _) = true |- _ => apply N.ltb_lt in H
  end.

Ltac solve_local f := intros; unfold f in *; succeed; figures; subst; cbn in *; try lia.

(* ---- Sums ---- *)

Lemma sum_replace : forall A (f : A -> N) l n x y,
  nth_error l n = Some x -> sum f (replace n y l) + f x = sum f l + f y.
Proof.
  induction l as [| head rest IH]; destruct n; simpl; intros x y H; try discriminate.
  - injection H as ->. lia.
  - specialize (IH _ _ y H). lia.
Qed.

Lemma sum_repeat : forall A (f : A -> N) x n, f x = 0 -> sum f (repeat x n) = 0.
Proof. induction n; simpl; lia. Qed.

(* ---- What the places of a transition hold ---- *)

Definition party_cash (p : party) : N := p_capital p + market_cash (p_market p).
Definition till_cash (t : till) : N := market_cash (t_market t) + t_insurance t + t_fees t.

(* Leaves the totals and adds to cash what it adds to its places. *)
Definition moves (s after : state) (taken given : N) : Prop :=
  cash after + taken = cash s + given /\ booked after = booked s /\ vault after = vault s.

Lemma on_moves : forall a m f s after, on a m f s = Some after ->
  exists p q, f p = Some q /\ moves s after (party_cash p) (party_cash q).
Proof.
  unfold on. intros. succeed. subst. eexists _, _. split; [eassumption |].
  unfold moves, cash, party_cash. cbn.
  pose proof (sum_replace _ capital _ _ _ (Account (p_capital p) (replace m (p_leg p) (legs a0))) Heqo).
  pose proof (sum_replace _ market_cash _ _ _ (p_market p) Heqo1).
  cbn in *. lia.
Qed.

Lemma on_leg_moves : forall a m f s after, on_leg a m f s = Some after ->
  exists p q, f p = Some q /\ moves s after (party_cash p) (party_cash q).
Proof.
  unfold on_leg. intros * H. apply on_moves in H. destruct H as (p & q & H & M).
  succeed. eauto.
Qed.

Lemma on_capital_moves : forall a f s after, on_capital a f s = Some after ->
  exists x y, f x = Some y /\ moves s after x y.
Proof.
  unfold on_capital. intros. succeed. subst. eexists _, _. split; [eassumption |].
  unfold moves, cash. cbn. pose proof (sum_replace _ capital _ _ _ (Account n (legs a0)) Heqo). cbn in *. lia.
Qed.

Lemma on_market_moves : forall m f s after, on_market m f s = Some after ->
  exists t u, f t = Some u /\ moves s after (till_cash t) (till_cash u).
Proof.
  unfold on_market. intros. succeed. subst. eexists _, _. split; [eassumption |].
  unfold moves, cash, till_cash. cbn.
  pose proof (sum_replace _ market_cash _ _ _ (t_market t) Heqo). cbn in *. lia.
Qed.

Lemma cash_in_is : forall x s after, cash_in x s = Some after ->
  cash after = cash s /\ booked after = booked s + x /\ vault after = vault s + x.
Proof. unfold cash_in. intros. succeed. figures. subst. cbn. auto. Qed.

Lemma cash_out_is : forall x s after, cash_out x s = Some after ->
  cash after = cash s /\ booked s = booked after + x /\ vault s = vault after + x.
Proof. unfold cash_out. intros. succeed. figures. subst. cbn. auto. Qed.

(* ---- Each function on one party or one till ---- *)

Definition keeps (f : party -> option party) := forall p q, f p = Some q -> party_cash q = party_cash p.
Definition gives (x : N) (f : party -> option party) := forall p q, f p = Some q -> party_cash q = party_cash p + x.

Lemma book_gain_keeps : forall x, keeps (book_gain x).
Proof. unfold keeps. solve_local book_gain; reflexivity. Qed.
Lemma book_loss_keeps : forall x, keeps (book_loss x).
Proof. unfold keeps. solve_local book_loss; reflexivity. Qed.
Lemma book_keeps : forall pnl, keeps (book pnl).
Proof. unfold keeps, book. intros. succeed; [eapply book_loss_keeps | eapply book_gain_keeps]; eassumption. Qed.
Lemma touch_keeps : forall t, keeps (touch t).
Proof. intros t p q H. unfold touch in H. apply book_keeps in H. exact H. Qed.
Lemma pay_debt_keeps : forall x, keeps (pay_debt x).
Proof. unfold keeps, party_cash, market_cash. solve_local pay_debt. Qed.
Lemma cover_debt_keeps : keeps cover_debt.
Proof. intros p q H. eapply pay_debt_keeps. exact H. Qed.
Lemma convert_keeps : forall least unbacked, keeps (convert least unbacked).
Proof. unfold keeps, party_cash, market_cash. solve_local convert. Qed.
Lemma give_up_keeps : forall claim owed repaid, keeps (give_up claim owed repaid).
Proof. unfold keeps. solve_local give_up; reflexivity. Qed.
Lemma take_lots_keeps : forall z m after, take_lots z m = Some after -> market_cash after = market_cash m.
Proof. solve_local take_lots; reflexivity. Qed.
Lemma give_lots_keeps : forall z m after, give_lots z m = Some after -> market_cash after = market_cash m.
Proof. solve_local give_lots; reflexivity. Qed.
Lemma move_lots_keeps : forall z, keeps (move_lots z).
Proof.
  unfold keeps, party_cash, move_lots. solve_local set_lots.
  apply take_lots_keeps in Heqo. apply give_lots_keeps in Heqo0. lia.
Qed.
Lemma within_cap_keeps : keeps within_cap.
Proof. unfold keeps. solve_local within_cap; reflexivity. Qed.
Lemma close_against_keeps : forall q, keeps (close_against q).
Proof.
  intros q p after H. unfold close_against in H. succeed.
  apply move_lots_keeps in Heqo. apply take_lots_keeps in Heqo0. apply within_cap_keeps in H.
  unfold party_cash in *. cbn in *. lia.
Qed.
Lemma leave_pool_takes : forall x y p q, leave_pool x y p = Some q -> party_cash q + x = party_cash p.
Proof. unfold party_cash, market_cash. solve_local leave_pool. Qed.
Lemma enter_pool_gives : forall x, gives x (enter_pool x).
Proof. unfold gives, party_cash, market_cash. solve_local enter_pool. Qed.

Lemma draw_keeps : forall x t u, draw x t = Some u -> till_cash u = till_cash t.
Proof. unfold till_cash, market_cash. solve_local draw. Qed.
Lemma share_keeps : forall total more less t u, share total more less t = Some u -> till_cash u = till_cash t.
Proof. solve_local share; reflexivity. Qed.
Lemma pay_from_reserve_keeps : forall x t u, pay_from_reserve x t = Some u -> till_cash u = till_cash t.
Proof. unfold till_cash, market_cash. solve_local pay_from_reserve. Qed.
Lemma sweep_keeps : forall allowed wanted total cut t u, sweep allowed wanted total cut t = Some u -> till_cash u = till_cash t.
Proof. unfold till_cash, market_cash. solve_local sweep. solve_local draw. solve_local pay_from_reserve. Qed.
Lemma accrue_gives : forall x y t u, accrue x y t = Some u -> till_cash u = till_cash t + x + y.
Proof. unfold till_cash, market_cash. solve_local accrue. Qed.

(* ---- Whole transitions ---- *)

Ltac places :=
  repeat match goal with
  | H : on_leg _ _ _ _ = Some _ |- _ => apply on_leg_moves in H; destruct H as (? & ? & ? & ? & ? & ?)
  | H : on _ _ _ _ = Some _ |- _ => apply on_moves in H; destruct H as (? & ? & ? & ? & ? & ?)
  | H : on_capital _ _ _ = Some _ |- _ => apply on_capital_moves in H; destruct H as (? & ? & ? & ? & ? & ?)
  | H : on_market _ _ _ = Some _ |- _ => apply on_market_moves in H; destruct H as (? & ? & ? & ? & ? & ?)
  | H : cash_in _ _ = Some _ |- _ => apply cash_in_is in H; destruct H as (? & ? & ?)
  | H : cash_out _ _ = Some _ |- _ => apply cash_out_is in H; destruct H as (? & ? & ?)
  | H : touch _ _ = Some _ |- _ => apply touch_keeps in H
  | H : book _ _ = Some _ |- _ => apply book_keeps in H
  | H : pay_debt _ _ = Some _ |- _ => apply pay_debt_keeps in H
  | H : cover_debt _ = Some _ |- _ => apply cover_debt_keeps in H
  | H : convert _ _ _ = Some _ |- _ => apply convert_keeps in H
  | H : give_up _ _ _ _ = Some _ |- _ => apply give_up_keeps in H
  | H : move_lots _ _ = Some _ |- _ => apply move_lots_keeps in H
  | H : within_cap _ = Some _ |- _ => apply within_cap_keeps in H
  | H : close_against _ _ = Some _ |- _ => apply close_against_keeps in H
  | H : leave_pool _ _ _ = Some _ |- _ => apply leave_pool_takes in H
  | H : enter_pool _ _ = Some _ |- _ => apply enter_pool_gives in H
  | H : draw _ _ = Some _ |- _ => apply draw_keeps in H
  | H : share _ _ _ _ = Some _ |- _ => apply share_keeps in H
  | H : pay_from_reserve _ _ = Some _ |- _ => apply pay_from_reserve_keeps in H
  | H : sweep _ _ _ _ _ = Some _ |- _ => apply sweep_keeps in H
  | H : accrue _ _ _ = Some _ |- _ => apply accrue_gives in H
  end.

Lemma finish_keeps : forall a m s after, finish a m s = Some after ->
  cash after = cash s /\ booked after = booked s /\ vault after = vault s.
Proof.
  unfold finish. intros. succeed; places; succeed; subst; cbn in *;
    unfold party_cash, till_cash, market_cash in *; cbn in *; lia.
Qed.

(* Every transition changes cash, booked total and vault by the same; only tokens sent by themselves reach the vault
   alone. *)
Theorem step_conserves : forall o s after, step o s = Some after ->
  booked after + cash s = booked s + cash after /\
  vault after + booked s = vault s + booked after + match o with Gift x => x | _ => 0 end.
Proof.
  intros o s after H. destruct o; cbn [step] in H;
    try (unfold fill in H); try (unfold pay_with_claim in H); try (unfold fee_from_claim in H); cbv zeta in H;
    try (apply finish_keeps in H; destruct H as (? & ? & ?));
    succeed; places; succeed; figures; subst;
    unfold till_cash, market_cash in *; cbn -[N.add N.sub] in *;
    try (unfold cash in *; cbn in *; lia).
Qed.

Definition balanced (s : state) : Prop := booked s = cash s /\ booked s <= vault s.

Theorem conservation : forall s, reachable s -> booked s = cash s /\ cash s <= vault s.
Proof.
  intros s Hs. cut (balanced s); [intros [? ?]; lia |].
  revert s Hs. apply reachable_ind.
  - intros. unfold balanced, cash, start. cbn. rewrite !sum_repeat by reflexivity. lia.
  - intros o s after [E L] H. apply step_conserves in H. unfold balanced. destruct H, o; lia.
Qed.

(* ---- Payments whose size is computed ---- *)

(* C-4: if the ratio is below one, what is paid is ⌊ripe · backed / total⌋ exactly. *)
Theorem payout_is_the_floor : forall ripe backed total, backed < total ->
  payout ripe backed total * total <= ripe * backed < (payout ripe backed total + 1) * total.
Proof.
  intros ripe backed total H. unfold payout. rewrite (proj2 (N.leb_gt _ _) H).
  assert (E := N.div_mod (ripe * backed) total ltac:(lia)).
  assert (R := N.mod_lt (ripe * backed) total ltac:(lia)).
  generalize dependent ((ripe * backed) mod total). generalize (ripe * backed / total). intros. nia.
Qed.

(* C-4: a conversion pays at most what the pool holds beyond the market's debts, as long as claims_total covers the
   claim (J-5), and never more than the claim. *)
Theorem payout_is_covered : forall ripe cash debts total, ripe <= total ->
  payout ripe (cash - debts) total <= cash - debts /\ payout ripe (cash - debts) total <= ripe.
Proof.
  intros ripe cash debts total H. unfold payout. destruct (total <=? cash - debts) eqn:E.
  - apply N.leb_le in E. lia.
  - apply N.leb_gt in E. pose proof (payout_is_the_floor ripe _ _ E) as [F _]. unfold payout in F.
    apply N.leb_gt in E. rewrite E in F. apply N.leb_gt in E. split; nia.
Qed.

(* C-6: what a claim pays is in the pool, and leaves the pool enough for the backed part of everybody else's claims as far as it had it. *)
Theorem payable_is_covered : forall cash owed backed wanted,
  spendable cash owed backed wanted <= cash /\
  (owed <= cash -> owed <= cash - spendable cash owed backed wanted).
Proof. intros. unfold spendable. lia. Qed.

(* C-4, C-6: with what a claim is paid no more than its unbacked part is given up: together they never exceed the claim. *)
Theorem given_up_is_unbacked : forall paid backed unbacked,
  given_up paid backed unbacked <= unbacked.
Proof. intros. unfold given_up. destruct (backed =? 0); lia. Qed.

(* Hence no conversion is ever refused because of the pool: its own check cannot fire. *)
Theorem conversion_finds_its_cash : forall least unbacked p, matured (p_leg p) <= claims_total (p_market p) ->
  unbacked <= matured (p_leg p) -> unbacked <= unfunded (p_market p) ->
  convert least unbacked p = None ->
  matured (p_leg p) = 0 \/
  converted unbacked p * PPM < matured (p_leg p) * least \/
  (exists x, add (fresh (p_leg p)) x = None) \/ (exists x, credit (p_capital p) x = None).
Proof.
  intros least unbacked p Hripe Hpart Howed H.
  pose proof (payout_is_covered _ (pool (p_market p)) (debts_total (p_market p)) _ Hripe) as [Hpool Hclaim].
  pose proof (given_up_is_unbacked (converted unbacked p) (matured (p_leg p) - unbacked) unbacked) as Hgiven.
  assert (Hpaid : converted unbacked p <= matured (p_leg p) - unbacked) by (unfold converted; lia).
  assert (Hcash : converted unbacked p <= pool (p_market p) - debts_total (p_market p)) by (unfold converted; lia).
  unfold convert in H. cbv zeta in H.
  destruct (0 <? matured (p_leg p)) eqn:E0; [| apply N.ltb_ge in E0; left; lia].
  match type of H with (if ?b then _ else _) = _ => destruct b eqn:E1 end; [| apply N.leb_gt in E1; auto].
  match type of H with match ?e with _ => _ end = _ => destruct e eqn:E2 end; [| right; right; left; eauto].
  match type of H with match ?e with _ => _ end = _ => destruct e eqn:E3 end.
  2: { unfold sub in E3. destruct (_ <=? _) eqn:E in E3; [discriminate |]. apply N.leb_gt in E. lia. }
  match type of H with match ?e with _ => _ end = _ => destruct e eqn:E4 end.
  2: { unfold sub in E4. destruct (_ <=? _) eqn:E in E4; [discriminate |]. apply N.leb_gt in E. lia. }
  match type of H with match ?e with _ => _ end = _ => destruct e eqn:E5 end.
  2: { unfold sub in E5. destruct (_ <=? _) eqn:E in E5; [discriminate |]. apply N.leb_gt in E. lia. }
  match type of H with match ?e with _ => _ end = _ => destruct e eqn:E6 end; [discriminate |].
  right; right; right. eauto.
Qed.

Print Assumptions step_conserves.
Print Assumptions conservation.
Print Assumptions payout_is_covered.
Print Assumptions payout_is_the_floor.
Print Assumptions payable_is_covered.
Print Assumptions given_up_is_unbacked.
Print Assumptions conversion_finds_its_cash.
