//! A matching program reduced to what Breakwater sees of one: a PDA that signs `settle_trade` by CPI.
//! It matches nothing: whoever calls it names the fill. For tests and the simulator only.

use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::solana_program::program::invoke_signed;
use anchor_lang::InstructionData;

declare_id!("8LdXbdf5F4q9Z1hEQUuyPA23nJTEUp2uqLgYrAUgCcUo");

/// Seed of the signer.
pub const SIGNER_SEED: &[u8] = b"signer";

#[program]
pub mod breakwater_test_venue {
    use super::*;

    /// Submits a fill to Breakwater, signed by this program's PDA.
    pub fn submit_fill<'info>(ctx: Context<'info, SubmitFill<'info>>, lots: u64, price: u64) -> Result<()> {
        let accounts = ctx.accounts;
        let mut infos = vec![
            accounts.signer.to_account_info(),
            accounts.venue.to_account_info(),
            accounts.market.to_account_info(),
            accounts.buyer.to_account_info(),
            accounts.seller.to_account_info(),
        ];
        infos.extend(ctx.remaining_accounts.iter().cloned());
        let metas = infos
            .iter()
            .map(|info| AccountMeta {
                pubkey: info.key(),
                is_signer: info.key() == accounts.signer.key(),
                is_writable: info.is_writable,
            })
            .collect();
        let args = breakwater::instructions::SettleTradeArgs { lots, price };
        let data = breakwater::instruction::SettleTrade { args }.data();
        let instruction = Instruction { program_id: breakwater::ID, accounts: metas, data };
        invoke_signed(&instruction, &infos, &[&[SIGNER_SEED, &[ctx.bumps.signer]]])?;
        Ok(())
    }
}

/// Accounts of `submit_fill`: those of `settle_trade`, and the program to call.
#[derive(Accounts)]
pub struct SubmitFill<'info> {
    /// CHECK: this program's signer; Breakwater checks that the venue names it.
    #[account(seeds = [SIGNER_SEED], bump)]
    pub signer: UncheckedAccount<'info>,
    /// CHECK: checked by Breakwater.
    pub venue: UncheckedAccount<'info>,
    /// CHECK: checked by Breakwater.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: checked by Breakwater.
    #[account(mut)]
    pub buyer: UncheckedAccount<'info>,
    /// CHECK: checked by Breakwater.
    #[account(mut)]
    pub seller: UncheckedAccount<'info>,
    /// CHECK: the program called.
    #[account(address = breakwater::ID)]
    pub breakwater: UncheckedAccount<'info>,
}
