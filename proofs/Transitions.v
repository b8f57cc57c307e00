(* Every transition of the model, transactions as lists of them, and the states that these can lead to.

   Owns: which transitions there are; what `reachable` means, over which the theorems are stated.
   Assumes nothing: any account and market, any amount, any order. A transition of the code is one of these or a list of
   them; a new one that moves cash in another way gets its own line here, and the proofs then ask for it. *)

From Coq Require Import NArith ZArith List.
From Breakwater Require Import Model.
Import ListNotations.
Open Scope N_scope.

Inductive op :=
| Outside                                                (* price, time, funding, indices: nothing here moves *)
| Gift (x : N)                                           (* tokens sent to the vault by themselves (J-2) *)
| Seed (m : nat) (x : N)                                 (* create_market (P-4) *)
| Bond (m : nat) (x : N)                                 (* create_market (I-6) *)
| Deposit (a : nat) (x : N)                              (* W-3; also into a backstop's account *)
| Withdraw (a : nat) (x : N)                             (* W-2, without margins and outflow limits *)
| FundIn (x : N)                                         (* gift to, or stake in, the fund (I-1) *)
| FundOut (x : N)                                        (* stake paid back *)
| CollectFees                                            (* X-3 *)
| Touch (a m : nat) (t : found)                          (* T-3 *)
| Book (a m : nat) (pnl : Z)                             (* T-4 *)
| PayDebt (a m : nat) (x : N)                            (* T-5 *)
| CoverDebt (a m : nat)                                  (* T-5 with all that capital can pay *)
| Convert (a m : nat) (least_ppm unbacked : N)           (* C-4 *)
| PayWithClaim (a claim_m debt_m : nat) (unbacked others_unbacked : N)       (* S-3 *)
| FeeFromClaim (a m : nat) (wanted unbacked others_unbacked insured : N)     (* F-4 *)
| GiveUp (a m : nat) (claim owed repaid_unfunded : N)    (* B-2, B-5, S-4 *)
| Fill (m buyer seller : nat) (q : N)                    (* F-3 *)
| Deleverage (a m : nat) (q : N)                         (* D-3 *)
| Finish (a m : nat)                                     (* T-7 *)
| Fee (a m : nat) (fee insured : N)                      (* F-4 *)
| Charge (payer receiver m : nat) (paid insured : N)     (* Q-7, or any payment of one account to another *)
| Draw (m : nat) (x : N)                                 (* B-3 *)
| FromReserve (m : nat) (x : N)                          (* I-6 *)
| Share (m : nat) (total more less : N)                  (* B-4, B-8 *)
| Sweep (m : nat) (allowed wanted total cut : N).        (* I-2, I-6, B-6, B-8 *)

Definition step (o : op) (s : state) : option state :=
  match o with
  | Outside => Some s
  | Gift x =>
      let* v := add (vault s) x in
      Some (State (accounts s) (markets s) (insurance s) (fees s) (booked s) v)
  | Seed m x =>
      let* s := cash_in x s in
      on_market m (fun t =>
        let* cash := add (pool (t_market t)) x in
        Some (Till (set_pool cash (t_market t)) (t_insurance t) (t_fees t))) s
  | Bond m x =>
      let* s := cash_in x s in
      on_market m (fun t =>
        let* cash := add (reserve (t_market t)) x in
        Some (Till (set_reserve cash (t_market t)) (t_insurance t) (t_fees t))) s
  | Deposit a x =>
      require 0 <? x in
      let* s := cash_in x s in
      on_capital a (fun c => credit c x) s
  | Withdraw a x =>
      require 0 <? x in
      let* s := on_capital a (fun c => sub c x) s in
      cash_out x s
  | FundIn x =>
      let* s := cash_in x s in
      let* i := add (insurance s) x in
      Some (set_fund i (fees s) s)
  | FundOut x =>
      let* i := sub (insurance s) x in
      cash_out x (set_fund i (fees s) s)
  | CollectFees =>
      require 0 <? fees s in
      cash_out (fees s) (set_fund (insurance s) 0 s)
  | Touch a m t => on a m (touch t) s
  | Book a m pnl => on_leg a m (book pnl) s
  | PayDebt a m x => on_leg a m (pay_debt x) s
  | CoverDebt a m => on_leg a m cover_debt s
  | Convert a m least_ppm unbacked => on_leg a m (convert least_ppm unbacked) s
  | PayWithClaim a claim_m debt_m unbacked others => pay_with_claim a claim_m debt_m unbacked others s
  | FeeFromClaim a m wanted unbacked others insured => fee_from_claim a m wanted unbacked others insured s
  | GiveUp a m claim owed repaid => on_leg a m (give_up claim owed repaid) s
  | Fill m buyer seller q => fill m buyer seller q s
  | Deleverage a m q => on_leg a m (close_against q) s
  | Finish a m => finish a m s
  | Fee a m fee insured =>
      let* s := on_capital a (fun c => sub c (fee + insured)) s in
      on_market m (accrue fee insured) s
  | Charge payer receiver m paid insured =>
      let* s := on_capital payer (fun c => sub c (paid + insured)) s in
      let* s := on_capital receiver (fun c => credit c paid) s in
      on_market m (accrue 0 insured) s
  | Draw m x => on_market m (draw x) s
  | FromReserve m x => on_market m (pay_from_reserve x) s
  | Share m total more less => on_market m (share total more less) s
  | Sweep m allowed wanted total cut => on_market m (sweep allowed wanted total cut) s
  end.

(* A transaction is all or nothing; a refused one changes nothing (E-7). *)
Fixpoint transact (ops : list op) (s : state) : option state :=
  match ops with
  | [] => Some s
  | o :: rest => let* s := step o s in transact rest s
  end.

Fixpoint run (transactions : list (list op)) (s : state) : state :=
  match transactions with
  | [] => s
  | ops :: rest => run rest (match transact ops s with Some after => after | None => s end)
  end.

(* Every state that any finite number of transactions can lead to. *)
Definition reachable (s : state) : Prop :=
  exists account_count market_count transactions, s = run transactions (start account_count market_count).

(* Whatever holds at the start and is kept by every transition holds in every reachable state. *)
Lemma reachable_ind : forall P : state -> Prop,
  (forall account_count market_count, P (start account_count market_count)) ->
  (forall o s after, P s -> step o s = Some after -> P after) ->
  forall s, reachable s -> P s.
Proof.
  intros P at_start by_step s (na & nm & txs & ->).
  assert (by_transaction : forall ops s after, P s -> transact ops s = Some after -> P after).
  { induction ops as [| o ops IH]; simpl; intros s after Hs H.
    - congruence.
    - destruct (step o s) eqn:E; [eauto | discriminate]. }
  generalize (at_start na nm). generalize (start na nm).
  induction txs as [| ops txs IH]; simpl; intros s Hs; [assumption |].
  apply IH. destruct (transact ops s) eqn:E; eauto.
Qed.
