(* Runs the model on operations that the code ran, and compares every figure after every call. The runs are written by
   risk/tests/proof_model.rs; `proofs/check` lets coqc check them.

   Owns: the names of the figures, the comparison, what it says where model and code differ. Nothing here is proven. *)

From Coq Require Import NArith ZArith List Bool Arith.
From Breakwater Require Import Model Transitions.
Import ListNotations.
Open Scope Z_scope.

(* a: account, m: market, both counted from 0. *)
Inductive figure :=
| Capital (a : nat)
| Used (a m : nat) | Lots (a m : nat) | Debt (a m : nat)
| Matured (a m : nat) | Maturing (a m : nat) | Fresh (a m : nat)
| Pool (m : nat) | Reserve (m : nat) | FeesAccrued (m : nat) | InsuranceAccrued (m : nat)
| ClaimsTotal (m : nat) | DebtsTotal (m : nat) | Unfunded (m : nat) | LongLots (m : nat) | ShortLots (m : nat)
| Insurance | Fees | Booked | Vault.

Definition is_same (x y : figure) : {x = y} + {x <> y}.
Proof. decide equality; apply Nat.eq_dec. Defined.

(* One figure that a call changed in the code, and what it is since. *)
Record change := Became { of : figure; value : Z }.
Arguments Became of value%Z.

(* One call: what the model says it does, and what it changed in the code; `None` where the code refused it. *)
Record call := Call { does : list op; changed : option (list change) }.

Inductive verdict :=
| Agrees
| Differs (call_number : nat) (which : list (figure * Z * Z)) (* figure, code, model *)
| OnlyModelRefuses (call_number : nat)
| OnlyCodeRefuses (call_number : nat).

Fixpoint numbered {A B} (f : nat -> A -> list B) (n : nat) (l : list A) : list B :=
  match l with [] => [] | x :: rest => f n x ++ numbered f (S n) rest end.

Definition leg_figures (a m : nat) (l : leg) : list (figure * Z) :=
  [ (Used a m, if used l then 1 else 0); (Lots a m, lots l); (Matured a m, Z.of_N (matured l));
    (Maturing a m, Z.of_N (maturing l)); (Fresh a m, Z.of_N (fresh l)); (Debt a m, Z.of_N (debt l)) ].
Definition account_figures (a : nat) (acc : account) : list (figure * Z) :=
  (Capital a, Z.of_N (capital acc)) :: numbered (leg_figures a) 0 (legs acc).
Definition market_figures (m : nat) (mk : market) : list (figure * Z) :=
  [ (Pool m, Z.of_N (pool mk)); (Reserve m, Z.of_N (reserve mk)); (FeesAccrued m, Z.of_N (fees_accrued mk));
    (InsuranceAccrued m, Z.of_N (insurance_accrued mk)); (ClaimsTotal m, Z.of_N (claims_total mk));
    (DebtsTotal m, Z.of_N (debts_total mk)); (Unfunded m, Z.of_N (unfunded mk));
    (LongLots m, Z.of_N (long_lots mk)); (ShortLots m, Z.of_N (short_lots mk)) ].
Definition figures (s : state) : list (figure * Z) :=
  numbered account_figures 0 (accounts s) ++ numbered market_figures 0 (markets s) ++
  [ (Insurance, Z.of_N (insurance s)); (Fees, Z.of_N (fees s));
    (Booked, Z.of_N (booked s)); (Vault, Z.of_N (vault s)) ].

(* What a figure is in the code after a call that it was `before`. *)
Fixpoint expected (f : figure) (before : Z) (changes : list change) : Z :=
  match changes with
  | [] => before
  | c :: rest => if is_same f (of c) then value c else expected f before rest
  end.

Fixpoint differences (before after : list (figure * Z)) (changes : list change) : list (figure * Z * Z) :=
  match before, after with
  | (f, x) :: before, (_, y) :: after =>
      let code := expected f x changes in
      if code =? y then differences before after changes else (f, code, y) :: differences before after changes
  | _, _ => []
  end.

Fixpoint compare (n : nat) (s : state) (calls : list call) : verdict :=
  match calls with
  | [] => Agrees
  | c :: rest =>
      match transact (does c) s, changed c with
      | Some after, Some changes =>
          match differences (figures s) (figures after) changes with
          | [] => compare (S n) after rest
          | which => Differs n which
          end
      | None, None => compare (S n) s rest
      | None, Some _ => OnlyModelRefuses n
      | Some _, None => OnlyCodeRefuses n
      end
  end.

Definition compare_run (account_count market_count : nat) : list call -> verdict :=
  compare 0 (start account_count market_count).
