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
  pool : N; reserve : N; fees_accrued : N; insurance_accrued : N;   (* cash *)
  claims_total : N; debts_total : N; unfunded : N;     (* what is owed *)
  long_lots : N; short_lots : N }.
Record state := State {
  accounts : list account; markets : list market;
  insurance : N; fees : N;   (* the fund, swept fees *)
  booked : N; vault : N }.   (* the exchange's own total (J-1), and what the token account holds (J-2) *)

Definition no_leg := Leg false 0 0 0 0 0.
Definition no_market := Market 0 0 0 0 0 0 0 0 0.
Definition start (account_count market_count : nat) : state :=
  State (repeat (Account 0 (repeat no_leg market_count)) account_count) (repeat no_market market_count) 0 0 0 0.

Definition claims (l : leg) : N := matured l + maturing l + fresh l.

Fixpoint replace {A} (n : nat) (x : A) (l : list A) : list A :=
  match l, n with
  | [], _ => []
  | _ :: rest, O => x :: rest
  | head :: rest, S n => head :: replace n x rest
  end.

Definition set_pool x m := Market x (reserve m) (fees_accrued m) (insurance_accrued m) (claims_total m) (debts_total m)
  (unfunded m) (long_lots m) (short_lots m).
Definition set_reserve x m := Market (pool m) x (fees_accrued m) (insurance_accrued m) (claims_total m) (debts_total m)
  (unfunded m) (long_lots m) (short_lots m).
Definition set_accrued f i m := Market (pool m) (reserve m) f i (claims_total m) (debts_total m) (unfunded m)
  (long_lots m) (short_lots m).
Definition set_owed c d u m := Market (pool m) (reserve m) (fees_accrued m) (insurance_accrued m) c d u
  (long_lots m) (short_lots m).
Definition set_open l s m := Market (pool m) (reserve m) (fees_accrued m) (insurance_accrued m) (claims_total m)
  (debts_total m) (unfunded m) l s.

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

(* What of the unbacked part of a claim is given up when `paid` of its backed part is: `claims::given_up_with` (C-4). *)
Definition given_up (paid backed unbacked : N) : N :=
  if backed =? 0 then 0 else N.min ((unbacked * paid + (backed - 1)) / backed) unbacked.

(* `claims::convert` (C-4). What of the claim is unfunded follows from the open PnL of both sides: outside the model. *)
Definition payout (ripe backed total : N) : N := if total <=? backed then ripe else ripe * backed / total.
Definition converted (unbacked : N) (p : party) : N :=
  let m := p_market p in
  N.min (payout (matured (p_leg p)) (pool m - debts_total m) (claims_total m)) (matured (p_leg p) - unbacked).
Definition convert (least_ppm unbacked : N) (p : party) : option party :=
  let l := p_leg p in
  let m := p_market p in
  let paid := converted unbacked p in
  let given := given_up paid (matured l - unbacked) unbacked in
  require 0 <? matured l in
  require matured l * least_ppm <=? paid * PPM in
  let* claim := add (fresh l) (matured l - paid - given) in
  let* total := sub (claims_total m) (paid + given) in
  let* rest := sub (unfunded m) given in
  let* cash := sub (pool m) paid in
  let* capital := credit (p_capital p) paid in
  Some (Party capital (Leg (used l) (lots l) 0 (maturing l) claim (debt l))
    (set_pool cash (set_owed total (debts_total m) rest m))).

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

(* `leg::finish`: an empty leg is freed, and the last one of a market takes with it the fractions and what it owed to nobody (T-7). *)
Definition is_empty (l : leg) : bool := used l && (lots l =? 0)%Z && (debt l =? 0) && (claims l =? 0).
Definition uses (m : nat) (a : account) : bool := match nth_error (legs a) m with Some l => used l | None => false end.
Definition finish (a m : nat) (s : state) : option state :=
  let* acc := nth_error (accounts s) a in
  let* l := nth_error (legs acc) m in
  if is_empty l
  then let* s := on a m (fun p => Some (Party (p_capital p) no_leg (p_market p))) s in
    if existsb (uses m) (accounts s) then Some s
    else on_market m (fun t => let mk := t_market t in
      Some (Till (set_open 0 0 (set_owed 0 (debts_total mk) 0 mk)) (t_insurance t) (t_fees t))) s
  else Some s.

(* Fees accrue in their market (F-4). *)
Definition accrue (fee insured : N) (t : till) : option till :=
  let m := t_market t in
  let* f := add (fees_accrued m) fee in
  let* i := add (insurance_accrued m) insured in
  Some (Till (set_accrued f i m) (t_insurance t) (t_fees t)).

(* ---- A claim spent: `claims::spend` (C-6), for debts `settle::pay_debt_with_claim` (S-3), for fees `trade::charge_fee` (F-4) ---- *)

(* `owed` is what the pool owes to everybody else's claims, without what is unfunded of them. *)
Definition spendable (cash owed backed wanted : N) : N := N.min wanted (N.min backed (cash - owed)).

Definition leave_pool (paid given : N) (p : party) : option party :=
  let m := p_market p in
  let* total := sub (claims_total m) (paid + given) in
  let* rest := sub (unfunded m) given in
  let* cash := sub (pool m) paid in
  Some (Party (p_capital p) (eat (paid + given) (p_leg p)) (set_pool cash (set_owed total (debts_total m) rest m))).

(* What a claim pays of `wanted`, and what is given up with it. What is unfunded of it and of all others is outside the model. *)
Definition spend_size (wanted unbacked others_unbacked : N) (l : leg) (m : market) : option (N * N) :=
  let* others := sub (claims_total m) (claims l) in
  let* backed := sub (claims l) unbacked in
  require others_unbacked <=? others in
  let paid := spendable (pool m) (others - others_unbacked) backed wanted in
  Some (paid, given_up paid backed unbacked).
Definition enter_pool (paid : N) (p : party) : option party :=
  let m := p_market p in
  let* owed := sub (debt (p_leg p)) paid in
  let* debts := sub (debts_total m) paid in
  let* cash := add (pool m) paid in
  Some (Party (p_capital p) (with_debt owed (p_leg p))
    (set_pool cash (set_owed (claims_total m) debts (unfunded m) m))).

Definition pay_with_claim (a claim_m debt_m : nat) (unbacked others_unbacked : N) (s : state) : option state :=
  let* acc := nth_error (accounts s) a in
  let* creditor := nth_error (legs acc) claim_m in
  let* debtor := nth_error (legs acc) debt_m in
  let* m := nth_error (markets s) claim_m in
  let* size := spend_size (debt debtor) unbacked others_unbacked creditor m in
  let* s := on_leg a claim_m (leave_pool (fst size) (snd size)) s in
  on_leg a debt_m (enter_pool (fst size)) s.

(* A claim pays a fee of `wanted`, of which `insured` is insurance's. *)
Definition fee_from_claim (a fee_m : nat) (wanted unbacked others_unbacked insured : N) (s : state) : option state :=
  let* acc := nth_error (accounts s) a in
  let* payer := nth_error (legs acc) fee_m in
  let* m := nth_error (markets s) fee_m in
  let* size := spend_size wanted unbacked others_unbacked payer m in
  let* fee := sub (fst size) insured in
  let* s := on_leg a fee_m (leave_pool (fst size) (snd size)) s in
  on_market fee_m (accrue fee insured) s.

(* ---- Market, fund and fees: `bankruptcy.rs` ---- *)

(* `draw_insurance`: from the fund to the pool (B-3). *)
Definition draw (x : N) (t : till) : option till :=
  let* left := sub (t_insurance t) x in
  let* cash := add (pool (t_market t)) x in
  Some (Till (set_pool cash (t_market t)) left (t_fees t)).

(* `leave_unfunded` and `claims::write_down`: the market owes `more`, claims are cut to `total`, and it owes `less`; no cash (B-4, B-8). *)
Definition share (total more less : N) (t : till) : option till :=
  let m := t_market t in
  let* owed := add (unfunded m) more in
  let* rest := sub owed less in
  Some (Till (set_owed total (debts_total m) rest m) (t_insurance t) (t_fees t)).

(* `insurance::pay_from_reserve`: from the market's reserve to its pool (I-6). *)
Definition pay_from_reserve (x : N) (t : till) : option till :=
  let m := t_market t in
  let* left := sub (reserve m) x in
  let* cash := add (pool m) x in
  Some (Till (set_reserve left (set_pool cash m)) (t_insurance t) (t_fees t)).

(* `sweep`: what is unfunded is repaid first by fees, then by the reserve, then by as much of the fund as is allowed; of the
   other fees the reserve keeps what is wanted there; claims may then be cut to `total`, and the market owes as much less (B-6, B-8,
   I-2, I-6). *)
Definition sweep (allowed wanted total cut : N) (t : till) : option till :=
  let m := t_market t in
  let* fund := add (t_insurance t) (insurance_accrued m) in
  let by_fees := N.min (fees_accrued m) (unfunded m) in
  let by_reserve := N.min (unfunded m - by_fees) (reserve m) in
  let by_fund := N.min allowed (unfunded m - by_fees - by_reserve) in
  let* cash := add (pool m) by_fees in
  let* t1 := pay_from_reserve by_reserve (Till (set_pool cash m) fund (t_fees t)) in
  let* t2 := draw by_fund t1 in
  let left := fees_accrued m - by_fees in
  let kept := N.min left wanted in
  let* saved := add (reserve m - by_reserve) kept in
  let* swept := add (t_fees t) (left - kept) in
  require 0 <? insurance_accrued m + fees_accrued m + by_reserve + by_fund + cut in
  let* rest := sub (unfunded m - by_fees - by_reserve - by_fund) cut in
  let m2 := set_reserve saved (t_market t2) in
  Some (Till (set_accrued 0 0 (set_owed total (debts_total m) rest m2))
    (t_insurance t2) swept).
