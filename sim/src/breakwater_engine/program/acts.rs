//! Owns the single transactions: each asks the SDK's preview, sends what would succeed, and compares what came of it.

use anchor_lang::solana_program::instruction::Instruction;
use anyhow::{bail, ensure};
use breakwater_risk::{
    absorb::AbsorbReport,
    bankruptcy::BankruptcyReport,
    deleveraging::DeleverageReport,
    derisk::DeriskReport,
    liquidation::SliceReport,
    settle::SettlementReport,
    trade::{Fill, FillReport},
    unwind::UnwindReport,
    RiskError,
};
use breakwater_sdk::{
    instruction as build,
    preview::{self, PreviewError, PreviewResult},
};

use super::Program;
use crate::breakwater_engine::{
    backend::Attempt,
    books::{FillStates, Who, MARKET},
    checks::{self, Moment},
};

impl Program {
    pub(super) fn send_settlement(&mut self, who: Who) -> Attempt<SettlementReport> {
        let account = self.stage.account(&self.key(who));
        let previewed = preview::settle_account(&self.stage.snapshot(), &account, &self.books.now);
        let instruction = build::settle_account(self.key(who), &[self.listed().key]);
        self.carry_out(previewed, instruction, (who, None), checks::settlement)
    }

    pub(super) fn send_resolution(&mut self, who: Who) -> Attempt<BankruptcyReport> {
        let (account, fund) = (self.stage.account(&self.key(who)), &self.books.fund);
        let previewed = preview::resolve_bankruptcy(&self.stage.snapshot(), &account, MARKET, fund, &self.books.now);
        let instruction = build::resolve_bankruptcy(self.stage.exchange, self.key(who), &[self.listed().key]);
        self.carry_out(previewed, instruction, (who, None), checks::resolution)
    }

    pub(super) fn send_slice(&mut self, who: Who, taker: Who) -> Attempt<SliceReport> {
        let (account, takes) = (self.stage.account(&self.key(who)), self.stage.account(&self.key(taker)));
        let previewed = preview::liquidate(&self.stage.snapshot(), MARKET, &account, &takes, &self.books.now);
        let (operator, market) = (self.operator(taker), self.listed().key);
        let instruction = build::liquidate(operator, market, self.key(who), self.key(taker), &[]);
        self.carry_out(previewed, instruction, (who, Some(taker)), checks::slice)
    }

    pub(super) fn send_derisking(&mut self, who: Who, taker: Who) -> Attempt<DeriskReport> {
        let (account, takes) = (self.stage.account(&self.key(who)), self.stage.account(&self.key(taker)));
        let previewed = preview::derisk(&self.stage.snapshot(), MARKET, &account, &takes, &self.books.now);
        let (operator, market) = (self.operator(taker), self.listed().key);
        let instruction = build::derisk(operator, market, self.key(who), self.key(taker), &[]);
        self.carry_out(previewed, instruction, (who, Some(taker)), checks::derisking)
    }

    pub(super) fn send_absorption(&mut self, who: Who) -> Attempt<AbsorbReport> {
        let Some(backstop) = self.stage.backstop() else {
            return Ok(Err(RiskError::NoBackstop));
        };
        let account = self.stage.account(&self.key(who));
        let previewed = preview::absorb(&self.stage.snapshot(), MARKET, &account, &backstop, &self.books.now);
        let instruction = build::absorb(self.stage.exchange, self.listed().key, self.key(who), &[]);
        self.carry_out(previewed, instruction, (who, Some(Who::Backstop)), checks::absorption)
    }

    pub(super) fn send_deleveraging(&mut self, who: Who) -> Attempt<DeleverageReport> {
        let (account, backstop) = (self.stage.account(&self.key(who)), self.stage.backstop());
        let previewed =
            preview::deleverage(&self.stage.snapshot(), MARKET, &account, backstop.as_ref(), &self.books.now);
        let instruction = build::deleverage(self.stage.exchange, self.listed().key, self.key(who), &[]);
        self.carry_out(previewed, instruction, (who, None), checks::deleveraging)
    }

    pub(super) fn send_unwinding(&mut self, buyer: Who, most_lots: u64) -> Attempt<UnwindReport> {
        let Some(backstop) = self.stage.backstop() else {
            return Ok(Err(RiskError::NoBackstop));
        };
        let taker = self.stage.account(&self.key(buyer));
        let snapshot = self.stage.snapshot();
        let previewed = preview::unwind(&snapshot, MARKET, &backstop, &taker, most_lots, &self.books.now);
        let (exchange, market) = (self.stage.exchange, self.listed().key);
        let instruction = build::unwind(exchange, taker.owner, market, self.key(buyer), most_lots, &[]);
        self.carry_out(previewed, instruction, (Who::Backstop, Some(buyer)), checks::unwinding)
    }

    pub(super) fn send_flag(&mut self, who: Who) -> Attempt<bool> {
        let account = self.stage.account(&self.key(who));
        let previewed = preview::flag(&self.stage.snapshot(), MARKET, &account, &self.books.now);
        let instruction = build::flag(self.listed().key, self.key(who), &[]);
        self.carry_out(previewed, instruction, (who, None), checks::flag)
    }

    /// A fill through the test venue; market and accounts must end as the formula leaves them.
    pub(super) fn send_fill(&mut self, buyer: Who, seller: Who, fill: Fill) -> Attempt<FillReport> {
        let (report, expected) = match self.books.preview_fill(buyer, seller, fill) {
            Ok(previewed) => previewed,
            Err(reason) => return Ok(Err(reason)),
        };
        let keys = (self.key(buyer), self.key(seller));
        let instruction = self.stage.fill_instruction(self.market, keys.0, keys.1, fill.lots, fill.price);
        self.send(instruction, &[buyer, seller])?;
        let left = FillStates {
            market: self.books.market,
            buyer: *self.books.account(buyer),
            seller: *self.books.account(seller),
        };
        ensure!(left == expected, "a fill of {buyer:?} and {seller:?} did not do what was previewed");
        Ok(Ok(report))
    }

    /// Sends what a preview promised, and compares; `who` is acted on, and another may take lots from it.
    pub(super) fn carry_out<T>(
        &mut self,
        previewed: PreviewResult<T>,
        instruction: Instruction,
        (who, taker): (Who, Option<Who>),
        is_as_previewed: impl Fn(&Moment, &Moment, &T) -> bool,
    ) -> Attempt<T> {
        let report = match previewed {
            Ok(report) => report,
            Err(PreviewError(reason)) => return Ok(Err(reason)),
        };
        let before = Moment::of(&self.books, who, taker);
        let parties: Vec<Who> = [who].into_iter().chain(taker).collect();
        if let Err(refused) = self.send(instruction, &parties) {
            bail!("what was previewed for {who:?} was refused: {refused}");
        }
        let after = Moment::of(&self.books, who, taker);
        ensure!(is_as_previewed(&before, &after, &report), "a transaction on {who:?} did not do what was previewed");
        Ok(Ok(report))
    }
}
