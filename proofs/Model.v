(* The money of an exchange as a small executable model: who holds how much cash, who claims and owes what, and how
   many lots are open. Rule numbers are those of docs/spec.md; beside each definition stands the function of the crate
   `risk` that it follows.

   Owns: the state, and what is done to an account with one leg and its market, or to a market with the fund.
   Transitions.v makes transitions, transactions and runs of it; Conservation.v, OpenInterest.v and Capital.v prove;
   Compare.v runs the same definitions against the code.
   Assumes nothing about its inputs. What prices, indices, windows and margins decide enters as an argument of a
   transition (a PnL, the lots and claims a touch finds, an insurance allowance), and may be any figure at all.

   Amounts are natural numbers, so none can be negative; `sub` refuses an overdraft and `add` what passes 64 bits, as
   the code does (E-2). A refused transition is `None`. *)

From Coq Require Import NArith ZArith List Bool.
Import ListNotations.
Open Scope N_scope.

Notation "'let*' x := e 'in' k" := (match e with Some x => k | None => None end)
  (at level 200, x name, e at level 100, k at level 200, right associativity).
Notation "'require' b 'in' k" := (if b then k else None)
  (at level 200, b at level 100, k at level 200, right associativity).

Definition U64_MAX : N := 2 ^ 64 - 1.
Definition MAX_CAPITAL : N := 2 ^ 56.
Definition MAX_LEG_LOTS : N := 2 ^ 37.
Definition MAX_OPEN_LOTS : N := 2 ^ 38.
Definition PPM : N := 1000000.

(* `fixed::add`, `fixed::sub`, `acted::credit` (E-2, E-4). *)
Definition add (x y : N) : option N := require x + y <=? U64_MAX in Some (x + y).
Definition sub (x y : N) : option N := require y <=? x in Some (x - y).
Definition credit (x y : N) : option N := let* sum := add x y in require sum <=? MAX_CAPITAL in Some sum.

(* ---- State ---- *)

Record leg := Leg { used : bool; lots : Z; matured : N; maturing : N; fresh : N; debt : N }.
Record account := Account { capital : N; legs : list leg }. (* one leg a market *)
Record market := Market {
  pool : N; fees_accrued : N; insurance_accrued : N;   (* cash *)
  claims_total : N; debts_total : N; unfunded : N;     (* what is owed *)
  long_lots : N; short_lots : N }.
Record state := State {
  accounts : list account; markets : list market;
  insurance : N; fees : N;   (* the fund, swept fees *)
  booked : N; vault : N }.   (* the exchange's own total (J-1), and what the token account holds (J-2) *)

Definition no_leg := Leg false 0 0 0 0 0.
Definition no_market := Market 0 0 0 0 0 0 0 0.
Definition start (account_count market_count : nat) : state :=
  State (repeat (Account 0 (repeat no_leg market_count)) account_count) (repeat no_market market_count) 0 0 0 0.

Definition claims (l : leg) : N := matured l + maturing l + fresh l.

Fixpoint replace {A} (n : nat) (x : A) (l : list A) : list A :=
  match l, n with
  | [], _ => []
  | _ :: rest, O => x :: rest
  | head :: rest, S n => head :: replace n x rest
  end.

Definition set_pool x m := Market x (fees_accrued m) (insurance_accrued m) (claims_total m) (debts_total m) (unfunded m)
  (long_lots m) (short_lots m).
Definition set_accrued f i m := Market (pool m) f i (claims_total m) (debts_total m) (unfunded m)
  (long_lots m) (short_lots m).
Definition set_owed c d u m := Market (pool m) (fees_accrued m) (insurance_accrued m) c d u
  (long_lots m) (short_lots m).
Definition set_open l s m := Market (pool m) (fees_accrued m) (insurance_accrued m) (claims_total m) (debts_total m)
  (unfunded m) l s.

(* ---- What transitions act on ---- *)

(* One account's capital and leg, with the leg's market. *)
Record party := Party { p_capital : N; p_leg : leg; p_market : market }.

Definition on (a m : nat) (f : party -> option party) (s : state) : option state :=
  let* acc := nth_error (accounts s) a in
  let* l := nth_error (legs acc) m in
  let* mk := nth_error (markets s) m in
  let* p := f (Party (capital acc) l mk) in
  Some (State (replace a (Account (p_capital p) (replace m (p_leg p) (legs acc))) (accounts s))
    (replace m (p_market p) (markets s)) (insurance s) (fees s) (booked s) (vault s)).

Definition on_leg a m (f : party -> option party) := on a m (fun p => require used (p_leg p) in f p).

Definition on_capital (a : nat) (f : N -> option N) (s : state) : option state :=
  let* acc := nth_error (accounts s) a in
  let* c := f (capital acc) in
  Some (State (replace a (Account c (legs acc)) (accounts s)) (markets s) (insurance s) (fees s) (booked s) (vault s)).

(* A market with the insurance fund and the swept fees. *)
Record till := Till { t_market : market; t_insurance : N; t_fees : N }.

Definition on_market (m : nat) (f : till -> option till) (s : state) : option state :=
  let* mk := nth_error (markets s) m in
  let* t := f (Till mk (insurance s) (fees s)) in
  Some (State (accounts s) (replace m (t_market t) (markets s)) (t_insurance t) (t_fees t) (booked s) (vault s)).

(* Tokens that enter and leave the vault and are booked (the handlers of the program). *)
Definition cash_in x s : option state :=
  let* b := add (booked s) x in
  let* v := add (vault s) x in
  Some (State (accounts s) (markets s) (insurance s) (fees s) b v).
Definition cash_out x s : option state :=
  let* b := sub (booked s) x in
  let* v := sub (vault s) x in
  Some (State (accounts s) (markets s) (insurance s) (fees s) b v).
Definition set_fund i f s := State (accounts s) (markets s) i f (booked s) (vault s).

(* ---- Legs: `leg.rs`, `claims.rs` ---- *)

(* `Claims::eat`: freshest first (C-2); what is taken is at most `claims`. *)
Definition eat (x : N) (l : leg) : leg :=
  let f := N.min x (fresh l) in
  let g := N.min (x - f) (maturing l) in
  let h := N.min (x - f - g) (matured l) in
  Leg (used l) (lots l) (matured l - h) (maturing l - g) (fresh l - f) (debt l).

Definition with_fresh x l := Leg (used l) (lots l) (matured l) (maturing l) x (debt l).
Definition with_debt x l := Leg (used l) (lots l) (matured l) (maturing l) (fresh l) x.
Definition with_lots x l := Leg (used l) x (matured l) (maturing l) (fresh l) (debt l).

(* `leg::book_pnl` (T-4). *)
Definition book_gain (gain : N) (p : party) : option party :=
  let l := p_leg p in
  let m := p_market p in
  let repaid := N.min gain (debt l) in
  let* debts := sub (debts_total m) repaid in
  let* claim := add (fresh l) (gain - repaid) in
  let* total := add (claims_total m) (gain - repaid) in
  Some (Party (p_capital p) (with_fresh claim (with_debt (debt l - repaid) l)) (set_owed total debts (unfunded m) m)).
Definition book_loss (loss : N) (p : party) : option party :=
  let l := p_leg p in
  let m := p_market p in
  let eaten := N.min loss (claims l) in
  let* total := sub (claims_total m) eaten in
  let* owed := add (debt l) (loss - eaten) in
  let* debts := add (debts_total m) (loss - eaten) in
  Some (Party (p_capital p) (with_debt owed (eat loss l)) (set_owed total debts (unfunded m) m)).
Definition book (pnl : Z) (p : party) : option party :=
  require Z.abs_N pnl <=? U64_MAX in
  if (pnl <? 0)%Z then book_loss (Z.abs_N pnl) p else book_gain (Z.abs_N pnl) p.

(* What a touch finds: the leg's lots and claims as its indices and windows have made them, and its pending PnL
   (T-1, T-8, C-1, C-3: outside the model). *)
Record found := Found { f_lots : Z; f_matured : N; f_maturing : N; f_fresh : N; f_pnl : Z }.

(* `leg::find_or_open` and `leg::realise_pending` (T-3). *)
Definition touch (t : found) (p : party) : option party :=
  book (f_pnl t) (Party (p_capital p)
    (Leg true (f_lots t) (f_matured t) (f_maturing t) (f_fresh t) (debt (p_leg p))) (p_market p)).

(* `leg::pay_debt_in_cash` (T-5). *)
Definition pay_debt (x : N) (p : party) : option party :=
  let m := p_market p in
  let* owed := sub (debt (p_leg p)) x in
  let* debts := sub (debts_total m) x in
  let* left := sub (p_capital p) x in
  let* cash := add (pool m) x in
  Some (Party left (with_debt owed (p_leg p)) (set_pool cash (set_owed (claims_total m) debts (unfunded m) m))).

(* The end of `leg::touch` and of `Acted::fill_leg`: capital pays what it can. *)
Definition cover_debt (p : party) : option party := pay_debt (N.min (debt (p_leg p)) (p_capital p)) p.

(* `claims::convert` (C-4). *)
Definition payout (ripe backed total : N) : N := if total <=? backed then ripe else ripe * backed / total.
Definition convert (least_ppm : N) (p : party) : option party :=
  let l := p_leg p in
  let m := p_market p in
  let paid := payout (matured l) (pool m - debts_total m) (claims_total m) in
  require 0 <? matured l in
  require matured l * least_ppm <=? paid * PPM in
  let* claim := add (fresh l) (matured l - paid) in
  let* total := sub (claims_total m) paid in
  let* cash := sub (pool m) paid in
  let* capital := credit (p_capital p) paid in
  Some (Party capital (Leg (used l) (lots l) 0 (maturing l) claim (debt l))
    (set_pool cash (set_owed total (debts_total m) (unfunded m) m))).

(* Claims and debt given up without cash: the write-off of a bankruptcy (B-2, B-5), a ring's netting (S-4). *)
Definition give_up (claim owed repaid_unfunded : N) (p : party) : option party :=
  let l := p_leg p in
  let m := p_market p in
  let* total := sub (claims_total m) (N.min claim (claims l)) in
  let* left := sub (debt l) owed in
  let* debts := sub (debts_total m) owed in
  let* rest := sub (unfunded m) repaid_unfunded in
  Some (Party (p_capital p) (with_debt left (eat claim l)) (set_owed total debts rest m)).

(* ---- Open lots: `leg::set_lots`, `ledger.rs` ---- *)

Definition take_lots (z : Z) (m : market) : option market :=
  if (z <? 0)%Z
  then let* left := sub (short_lots m) (Z.abs_N z) in Some (set_open (long_lots m) left m)
  else let* left := sub (long_lots m) (Z.abs_N z) in Some (set_open left (short_lots m) m).
Definition give_lots (z : Z) (m : market) : option market :=
  if (z <? 0)%Z
  then let* sum := add (short_lots m) (Z.abs_N z) in Some (set_open (long_lots m) sum m)
  else let* sum := add (long_lots m) (Z.abs_N z) in Some (set_open sum (short_lots m) m).

(* `leg::increases_risk`. *)
Definition increases_risk (before after : Z) : bool :=
  negb (after =? 0)%Z && (negb (Z.sgn before =? Z.sgn after)%Z || (Z.abs before <? Z.abs after)%Z).

(* T-6. The index rule L-6 is outside. *)
Definition set_lots (target : Z) (p : party) : option party :=
  let before := lots (p_leg p) in
  require Z.abs_N target <=? MAX_LEG_LOTS in
  require negb (increases_risk before target && (0 <? debt (p_leg p))) in
  let* m := take_lots before (p_market p) in
  let* m := give_lots target m in
  Some (Party (p_capital p) (with_lots target (p_leg p)) m).

Definition move_lots (change : Z) (p : party) : option party := set_lots (lots (p_leg p) + change) p.

(* L-7 without its equality, which OpenInterest.v proves. *)
Definition within_cap (p : party) : option party :=
  require N.max (long_lots (p_market p)) (short_lots (p_market p)) <=? MAX_OPEN_LOTS in Some p.

(* `Acted::fill_leg` for both parties, without the off-mark result, which is booked by itself (F-3). *)
Definition fill (m buyer seller : nat) (q : N) (s : state) : option state :=
  let* s := on_leg buyer m (move_lots (Z.of_N q)) s in
  let* s := on_leg seller m (move_lots (- Z.of_N q)) s in
  on_leg seller m within_cap s.

(* The leg closes `q` lots, `ledger::deleverage` takes as many off the other side (D-3, B-2). *)
Definition close_against (q : N) (p : party) : option party :=
  let z := (Z.sgn (lots (p_leg p)) * Z.of_N q)%Z in
  require (0 <? q) && (q <=? Z.abs_N (lots (p_leg p))) in
  let* p := move_lots (- z) p in
  let* m := take_lots (- z) (p_market p) in
  within_cap (Party (p_capital p) (p_leg p) m).

(* `leg::finish`: an empty leg is freed, and the last one of a market takes the fractions with it (T-7). *)
Definition is_empty (l : leg) : bool := used l && (lots l =? 0)%Z && (debt l =? 0) && (claims l =? 0).
Definition uses (m : nat) (a : account) : bool := match nth_error (legs a) m with Some l => used l | None => false end.
Definition finish (a m : nat) (s : state) : option state :=
  let* acc := nth_error (accounts s) a in
  let* l := nth_error (legs acc) m in
  if is_empty l
  then let* s := on a m (fun p => Some (Party (p_capital p) no_leg (p_market p))) s in
    if existsb (uses m) (accounts s) then Some s
    else on_market m (fun t => let mk := t_market t in
      Some (Till (set_open 0 0 (set_owed 0 (debts_total mk) (unfunded mk) mk)) (t_insurance t) (t_fees t))) s
  else Some s.

(* ---- Pool to pool: `settle::pay_debt_with_claim` (S-3) ---- *)

Definition payable (cash claim total : N) : N := N.min (cash + claim - total) cash.

Definition leave_pool (paid : N) (p : party) : option party :=
  let m := p_market p in
  let* total := sub (claims_total m) paid in
  let* cash := sub (pool m) paid in
  Some (Party (p_capital p) (eat paid (p_leg p)) (set_pool cash (set_owed total (debts_total m) (unfunded m) m))).
Definition enter_pool (paid : N) (p : party) : option party :=
  let m := p_market p in
  let* owed := sub (debt (p_leg p)) paid in
  let* debts := sub (debts_total m) paid in
  let* cash := add (pool m) paid in
  Some (Party (p_capital p) (with_debt owed (p_leg p))
    (set_pool cash (set_owed (claims_total m) debts (unfunded m) m))).

Definition pay_with_claim (a claim_m debt_m : nat) (s : state) : option state :=
  let* acc := nth_error (accounts s) a in
  let* creditor := nth_error (legs acc) claim_m in
  let* debtor := nth_error (legs acc) debt_m in
  let* m := nth_error (markets s) claim_m in
  let* _ := add (pool m) (claims creditor) in
  let paid := N.min (N.min (payable (pool m) (claims creditor) (claims_total m)) (debt debtor)) (claims creditor) in
  let* s := on_leg a claim_m (leave_pool paid) s in
  on_leg a debt_m (enter_pool paid) s.

(* ---- Market, fund and fees: `bankruptcy.rs` ---- *)

(* `draw_insurance`: from the fund to the pool (B-3). *)
Definition draw (x : N) (t : till) : option till :=
  let* left := sub (t_insurance t) x in
  let* cash := add (pool (t_market t)) x in
  Some (Till (set_pool cash (t_market t)) left (t_fees t)).

(* `share_deficit`: claims are cut to `total`, `more` is left unfunded, the rest is charged to lots; no cash (B-4). *)
Definition share (total more : N) (t : till) : option till :=
  let m := t_market t in
  let* rest := add (unfunded m) more in
  Some (Till (set_owed total (debts_total m) rest m) (t_insurance t) (t_fees t)).

(* `sweep`: what is unfunded is repaid first by fees, then by as much of the fund as is allowed (B-6, I-2). *)
Definition sweep (allowed : N) (t : till) : option till :=
  let m := t_market t in
  let* fund := add (t_insurance t) (insurance_accrued m) in
  let by_fees := N.min (fees_accrued m) (unfunded m) in
  let by_fund := N.min allowed (unfunded m - by_fees) in
  let* cash := add (pool m) by_fees in
  let* t1 := draw by_fund (Till (set_pool cash m) fund (t_fees t)) in
  let* swept := add (t_fees t) (fees_accrued m - by_fees) in
  require 0 <? insurance_accrued m + fees_accrued m + by_fund in
  let m1 := t_market t1 in
  Some (Till (set_accrued 0 0 (set_owed (claims_total m) (debts_total m) (unfunded m - by_fees - by_fund) m1))
    (t_insurance t1) swept).

Definition accrue (fee insured : N) (t : till) : option till :=
  let m := t_market t in
  let* f := add (fees_accrued m) fee in
  let* i := add (insurance_accrued m) insured in
  Some (Till (set_accrued f i m) (t_insurance t) (t_fees t)).
