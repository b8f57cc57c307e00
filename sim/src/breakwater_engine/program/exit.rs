//! Owns leaving with the real program: previews, transactions signed by those who leave, and whether they were paid what was said.

use anyhow::{ensure, Context, Result};
use breakwater_risk::{
    acted::Acted,
    backstop,
    claims::{self, ConversionReport},
    health::NoMarkets,
    insurance::{self, SweepReport},
    shares::LeaveStep,
    RiskError, RiskResult,
};
use breakwater_sdk::{
    address, instruction as build,
    preview::{self, PreviewError},
    view,
};
use solana_signer::Signer;

use super::Program;
use crate::{
    breakwater_engine::{
        backend::Attempt,
        books::{OneMarket, Who, MARKET},
        exit::{Exit, Pool},
    },
    stage::Trader,
};

/// Markets of the exchange.
const MARKETS: u16 = 1;

impl Program {
    fn staker(&self, pool: Pool) -> Option<&Trader> {
        match pool {
            Pool::Insurance => self.insurance_staker.as_ref(),
            Pool::Backstop => self.backstop_staker.as_ref(),
        }
    }

    /// The stake of a pool's staker.
    fn stake(&self, pool: Pool) -> Result<breakwater::Stake> {
        let staker = self.staker(pool).context("the pool has no staker")?;
        let pool = match pool {
            Pool::Insurance => address::insurance(&self.stage.exchange),
            Pool::Backstop => address::backstop(&self.stage.exchange),
        };
        let data = self.stage.bank.data(&address::stake(&pool, &staker.key.pubkey())).unwrap_or_default();
        view::stake(&data).map_err(|error| anyhow::anyhow!("the stake cannot be read: {error:?}"))
    }

    /// What a request for all shares would be worth, and the shares.
    fn previewed_request(&self, pool: Pool, stake: &breakwater::Stake) -> RiskResult<(u64, u64)> {
        let (markets, now, mut holding) = (OneMarket(self.books.market), self.books.now, stake.state);
        match pool {
            Pool::Insurance => {
                let fund = &self.books.fund;
                let shares = holding.live_shares(&fund.shares);
                Ok((insurance::request_unstake(fund, &mut holding, shares, MARKETS, &markets, &now)?, shares))
            }
            Pool::Backstop => {
                let backstop = self.books.backstop.as_ref().ok_or(RiskError::NoBackstop)?;
                let shares = holding.live_shares(&backstop.state.shares);
                let (state, account) = (&backstop.state, &backstop.account);
                Ok((backstop::request_unstake(state, account, &mut holding, shares, &markets, &now)?, shares))
            }
        }
    }

    /// Sends an instruction of a pool's staker, and reads everything again.
    fn send_as_staker(
        &mut self,
        pool: Pool,
        instructions: &[anchor_lang::solana_program::instruction::Instruction],
    ) -> Result<()> {
        let key = self.staker(pool).context("the pool has no staker")?.key.insecure_clone();
        self.stage.bank.send(instructions, &[&key])?;
        self.reread(&[]);
        Ok(())
    }
}

impl Exit for Program {
    fn stake_insurance(&mut self, atoms: u64) -> Result<()> {
        let stage = &mut self.stage;
        let staker = stage.open_trader(0)?;
        let (exchange, owner, payer) = (stage.exchange, staker.key.pubkey(), stage.bank.payer().pubkey());
        let (tokens, markets) = (stage.tokens(staker.wallet), stage.all_markets());
        self.insurance_staker = Some(staker);
        let open = build::open_stake(exchange, payer, owner, address::insurance(&exchange));
        let stake = build::stake_insurance(exchange, owner, tokens, atoms, 0, &markets);
        self.send_as_staker(Pool::Insurance, &[open, stake])
    }

    fn convert_profit(&mut self, who: Who) -> Attempt<ConversionReport> {
        let (mut market, mut account) = (self.books.market, *self.books.account(who));
        let mut acted = Acted { market: &mut market, market_index: MARKET, others: &NoMarkets, now: self.books.now };
        let converted = claims::convert_profit(&mut acted, &mut account, 0);
        if converted.is_err() {
            return Ok(converted);
        }
        let operator = if who == Who::Backstop { Who::Keeper(0) } else { who };
        let signer = self.party(operator).context("somebody signs")?.key.pubkey();
        let instruction = build::convert_profit(signer, self.listed().key, self.key(who), 0, &[]);
        self.send(instruction, &[who, operator])?;
        let is_as_previewed = self.books.market == market && *self.books.account(who) == account;
        ensure!(is_as_previewed, "a conversion of {who:?} did not do what was previewed");
        Ok(converted)
    }

    fn withdraw(&mut self, who: Who, atoms: u64) -> Attempt<()> {
        let account = self.stage.account(&self.key(who));
        let free = preview::withdrawable_atoms(&self.stage.snapshot(), &account, &self.books.now);
        let previewed =
            free.and_then(|free| if atoms <= free { Ok(()) } else { Err(PreviewError(RiskError::InitialMargin)) });
        let party = self.party(who).context("an owner")?;
        let (owner, wallet) = (party.key.pubkey(), party.wallet);
        let before_atoms = self.stage.bank.token_balance(&wallet);
        let markets = self.stage.markets_of(&[self.key(who)]);
        let tokens = self.stage.tokens(wallet);
        let instruction = build::withdraw(self.stage.exchange, owner, self.key(who), tokens, atoms, &markets);
        let withdrawn = self.carry_out(previewed, instruction, (who, None), |before, after, ()| {
            after.capital_atoms() + atoms == before.capital_atoms()
        })?;
        let paid_atoms = self.stage.bank.token_balance(&wallet) - before_atoms;
        ensure!(withdrawn.is_err() || paid_atoms == atoms, "{who:?} was paid {paid_atoms} atoms instead of {atoms}");
        Ok(withdrawn)
    }

    fn sweep(&mut self) -> Attempt<SweepReport> {
        let (mut market, mut fund, mut fees_atoms) = (self.books.market, self.books.fund, self.books.cash.fees_atoms);
        let swept = insurance::sweep(&mut market, &mut fund, &mut fees_atoms, &self.books.now);
        if swept.is_ok() {
            self.send(build::sweep_market(self.stage.exchange, self.listed().key), &[])?;
            let is_as_previewed = (self.books.market, self.books.fund) == (market, fund);
            ensure!(is_as_previewed, "sweeping the market did not do what was previewed");
        }
        Ok(swept)
    }

    fn request_unstake(&mut self, pool: Pool) -> Attempt<u64> {
        let stake = self.stake(pool)?;
        let (worth, shares) = match self.previewed_request(pool, &stake) {
            Ok(previewed) => previewed,
            Err(reason) => return Ok(Err(reason)),
        };
        let exchange = self.stage.exchange;
        let owner = self.staker(pool).context("the pool has no staker")?.key.pubkey();
        let instruction = match pool {
            Pool::Insurance => build::request_unstake_insurance(exchange, owner, shares, &self.stage.all_markets()),
            Pool::Backstop => {
                build::request_unstake_backstop(exchange, owner, shares, &self.stage.markets_with_backstop(&[]))
            }
        };
        self.send_as_staker(pool, &[instruction])?;
        let requested = self.stake(pool)?.state.requested_atoms;
        ensure!(requested == worth, "a request was taken for {requested} atoms instead of {worth}");
        Ok(Ok(worth))
    }

    fn unstake(&mut self, pool: Pool) -> Attempt<LeaveStep> {
        let (stake, snapshot, now) = (self.stake(pool)?, self.stage.snapshot(), self.books.now);
        let previewed = match (pool, self.stage.backstop()) {
            (Pool::Insurance, _) => {
                preview::unstake_insurance(&snapshot, &self.stage.insurance_account(), &stake, MARKETS, &now)
            }
            (Pool::Backstop, Some(backstop)) => preview::unstake_backstop(&snapshot, &backstop, &stake, &now),
            (Pool::Backstop, None) => Err(PreviewError(RiskError::NoBackstop)),
        };
        let step = match previewed {
            Ok(step) => step,
            Err(PreviewError(reason)) => return Ok(Err(reason)),
        };
        let staker = self.staker(pool).context("the pool has no staker")?;
        let (owner, wallet) = (staker.key.pubkey(), staker.wallet);
        let (exchange, tokens) = (self.stage.exchange, self.stage.tokens(wallet));
        let before_atoms = self.stage.bank.token_balance(&wallet);
        let instruction = match pool {
            Pool::Insurance => build::unstake_insurance(exchange, owner, tokens, 0, &self.stage.all_markets()),
            Pool::Backstop => {
                build::unstake_backstop(exchange, owner, tokens, 0, &self.stage.markets_with_backstop(&[]))
            }
        };
        self.send_as_staker(pool, &[instruction])?;
        let paid_atoms = self.stage.bank.token_balance(&wallet) - before_atoms;
        ensure!(paid_atoms == step.paid_atoms(), "a staker was paid {paid_atoms} atoms instead of {step:?}");
        Ok(Ok(step))
    }
}
