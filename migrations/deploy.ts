// Creates the exchange that exchange.toml describes, and what of it is missing; a second run changes nothing.
// `npm run migrate` runs it, with ANCHOR_PROVIDER_URL and
// ANCHOR_WALLET. BREAKWATER_EXCHANGE names another settings file, BREAKWATER_CLI the command-line tool.
//
// Each step is one transaction that leaves the exchange whole, so a run may be cut off anywhere. Parameters are checked by
// `breakwater market check` before anything is sent: the rules are in one place.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { AnchorProvider, BN, setProvider } from "@anchor-lang/core";
import {
  MINT_SIZE,
  TOKEN_PROGRAM_ID,
  createAssociatedTokenAccountIdempotentInstruction,
  createInitializeMint2Instruction,
  createMintToInstruction,
  getAssociatedTokenAddressSync,
  getMint,
} from "@solana/spl-token";
import { Keypair, PublicKey, SystemProgram, type TransactionInstruction } from "@solana/web3.js";
import { parse } from "smol-toml";
import * as client from "../clients/ts/src/index.ts";

type Cluster = "localnet" | "devnet" | "mainnet";

interface Settings {
  id: number;
  receivers: string[];
  outflow_window_seconds: number;
  outflow_limit_ppm: number;
  outflow_guaranteed: string;
  backstop_loss_line_ppm: number;
  markets: string[];
  market_seed: string;
  venues: string[];
  new_authority: string;
  quote_mint: Record<Cluster, string>;
}

interface CheckedMarket {
  file: string;
  feed_id: string;
  lot_exponent: number;
  params_hex: string;
}

const RECEIVERS = 4;
/** Decimals of the test mint, and how much of it the deployer of a local chain gets. */
const TEST_DECIMALS = 6;
const TEST_SUPPLY = "10000000";
/** Genesis hashes of the public clusters. */
const GENESIS: Record<string, Cluster> = {
  "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d": "mainnet",
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG: "devnet",
};

const folder = import.meta.dirname ?? __dirname;
const fail = (text: string): never => {
  throw new Error(text);
};

class Migration {
  readonly program;
  readonly exchange: PublicKey;
  changes = 0;

  constructor(
    readonly provider: AnchorProvider,
    readonly settings: Settings,
    readonly markets: CheckedMarket[],
    readonly cluster: Cluster,
  ) {
    this.program = client.breakwater(provider);
    this.exchange = client.exchangeAddress(settings.id);
  }

  get wallet(): PublicKey {
    return this.provider.wallet.publicKey;
  }

  async run(): Promise<void> {
    await this.requireProgram();
    await this.createExchange();
    const exchange = await this.program.account.exchange.fetch(this.exchange);
    const mint = exchange.quoteMint;
    this.requireMint(mint);
    if (exchange.pendingAuthority.equals(this.wallet) && !exchange.authority.equals(this.wallet)) {
      const accept = this.program.methods.acceptAuthority();
      const accounts = { pendingAuthority: this.wallet, exchange: this.exchange };
      await this.send(`authority accepted by ${this.wallet}`, [await accept.accountsStrict(accounts).instruction()]);
    }
    await this.createBackstop();
    await this.createMarkets(mint, exchange.quoteDecimals);
    await this.registerVenues();
    await this.handOver();
    this.say("exchange", this.exchange);
    this.say("quote mint", mint);
    this.say("vault", client.vaultAddress(this.exchange));
    this.say("insurance fund", client.insuranceAddress(this.exchange));
    this.say("backstop", client.backstopAddress(this.exchange));
    this.markets.forEach((market, index) => {
      this.say(`market ${index}  ${market.file}`, client.marketAddress(this.exchange, index));
    });
    console.log(this.changes === 0 ? "nothing to do: all of it was there" : `${this.changes} transactions`);
  }

  private say(name: string, key: PublicKey): void {
    console.log(`${name.padEnd(28)} ${key.toBase58()}`);
  }

  private async send(what: string, instructions: TransactionInstruction[], signers: Keypair[] = []): Promise<void> {
    const signature = await client.sendAndFollow(this.provider, instructions, signers);
    this.changes += 1;
    console.log(`created    ${what}  ${signature}`);
  }

  private async exists(key: PublicKey): Promise<boolean> {
    return (await this.provider.connection.getAccountInfo(key)) !== null;
  }

  private async requireProgram(): Promise<void> {
    const account = await this.provider.connection.getAccountInfo(client.PROGRAM_ID);
    if (!account?.executable) fail(`Breakwater is not deployed at ${client.PROGRAM_ID.toBase58()} on this cluster`);
  }

  /** The mint of an exchange that is there must be the one of the settings. */
  private requireMint(found: PublicKey): void {
    const wanted = this.settings.quote_mint[this.cluster];
    if (wanted !== "create" && wanted !== found.toBase58()) {
      fail(`mint mismatch: the exchange takes ${found.toBase58()}, exchange.toml says ${wanted}`);
    }
  }

  private async createExchange(): Promise<void> {
    if (await this.exists(this.exchange)) return console.log("unchanged  exchange with its insurance fund");
    const wanted = this.settings.quote_mint[this.cluster];
    const test = wanted === "create" ? Keypair.generate() : undefined;
    if (test && this.cluster !== "localnet") fail("a test mint is created on local chains only");
    const mint = test?.publicKey ?? new PublicKey(wanted);
    const tokenProgram = test ? TOKEN_PROGRAM_ID : await this.tokenProgram(mint);
    const decimals = test ? TEST_DECIMALS : (await getMint(this.provider.connection, mint, undefined, tokenProgram)).decimals;
    const receivers = this.settings.receivers.map((key) => new PublicKey(key));
    if (receivers.length > RECEIVERS) fail(`exchange.toml names more than ${RECEIVERS} receivers`);
    while (receivers.length < RECEIVERS) receivers.push(PublicKey.default);
    const create = this.program.methods
      .initializeExchange({
        id: this.settings.id,
        receivers,
        legacyOracle: PublicKey.default,
        outflowWindowSeconds: this.settings.outflow_window_seconds,
        outflowLimitPpm: this.settings.outflow_limit_ppm,
        outflowGuaranteedAtoms: new BN(client.toAtoms(this.settings.outflow_guaranteed, decimals).toString()),
      })
      .accountsStrict({
        payer: this.wallet,
        authority: this.wallet,
        exchange: this.exchange,
        quoteMint: mint,
        vault: client.vaultAddress(this.exchange),
        insurance: client.insuranceAddress(this.exchange),
        tokenProgram,
        systemProgram: SystemProgram.programId,
      });
    // The test mint comes with the exchange or not at all: a run that is cut off leaves no mint without one.
    const before = test ? await this.testMint(test) : [];
    await this.send("exchange with its insurance fund", [...before, await create.instruction()], test ? [test] : []);
  }

  private async testMint(mint: Keypair): Promise<TransactionInstruction[]> {
    const [payer, key] = [this.wallet, mint.publicKey];
    const own = getAssociatedTokenAddressSync(key, payer);
    const lamports = await this.provider.connection.getMinimumBalanceForRentExemption(MINT_SIZE);
    const space = { space: MINT_SIZE, lamports, programId: TOKEN_PROGRAM_ID };
    return [
      SystemProgram.createAccount({ fromPubkey: payer, newAccountPubkey: key, ...space }),
      createInitializeMint2Instruction(key, TEST_DECIMALS, payer, null),
      createAssociatedTokenAccountIdempotentInstruction(payer, own, payer, key),
      createMintToInstruction(key, own, payer, client.toAtoms(TEST_SUPPLY, TEST_DECIMALS)),
    ];
  }

  private async tokenProgram(mint: PublicKey): Promise<PublicKey> {
    const account = await this.provider.connection.getAccountInfo(mint);
    return account?.owner ?? fail(`there is no mint ${mint.toBase58()} on this cluster`);
  }

  /** Fails unless the wallet is the authority, which everything below needs. */
  private async requireAuthority(): Promise<void> {
    const { authority } = await this.program.account.exchange.fetch(this.exchange);
    if (!authority.equals(this.wallet)) {
      fail(`${this.wallet.toBase58()} is not the exchange's authority, ${authority.toBase58()} is`);
    }
  }

  private async createBackstop(): Promise<void> {
    const backstop = client.backstopAddress(this.exchange);
    if (await this.exists(backstop)) return console.log("unchanged  backstop");
    await this.requireAuthority();
    const create = this.program.methods.createBackstop(this.settings.backstop_loss_line_ppm).accountsStrict({
      authority: this.wallet,
      exchange: this.exchange,
      backstop,
      backstopAccount: client.backstopAccountAddress(this.exchange),
      systemProgram: SystemProgram.programId,
    });
    await this.send("backstop", [await create.instruction()]);
  }

  private async createMarkets(mint: PublicKey, decimals: number): Promise<void> {
    const tokenProgram = await this.tokenProgram(mint);
    for (const [index, market] of this.markets.entries()) {
      const key = client.marketAddress(this.exchange, index);
      if (await this.exists(key)) {
        await this.compare(index, key, market);
        continue;
      }
      await this.requireAuthority();
      const source = getAssociatedTokenAddressSync(mint, this.wallet, true, tokenProgram);
      const create = this.program.methods
        .createMarket({
          feedId: [...Buffer.from(market.feed_id, "hex")],
          legacyPriceAccount: PublicKey.default,
          lotExponent: market.lot_exponent,
          seedAtoms: new BN(client.toAtoms(this.settings.market_seed, decimals).toString()),
          params: [...Buffer.from(market.params_hex, "hex")],
        })
        .accountsStrict({
          authority: this.wallet,
          exchange: this.exchange,
          market: key,
          quoteMint: mint,
          source,
          vault: client.vaultAddress(this.exchange),
          tokenProgram,
          systemProgram: SystemProgram.programId,
        });
      await this.send(`market ${index} of ${market.file}`, [await create.instruction()]);
    }
  }

  /** Says how a market that is there differs from its file. Another feed under its index is an error. */
  private async compare(index: number, key: PublicKey, wanted: CheckedMarket): Promise<void> {
    const found = await this.program.account.market.fetch(key);
    const feed = Buffer.from(found.feedId).toString("hex");
    if (feed !== wanted.feed_id || found.lotExponent !== wanted.lot_exponent) {
      fail(`market ${index} is another one than ${wanted.file}: feed ${feed}, lot 10^${found.lotExponent}`);
    }
    const params = this.program.coder.types.encode("marketParams", found.state.params).toString("hex");
    const verdict = params === wanted.params_hex ? "" : "; its parameters differ from the file and stay as they are";
    console.log(`unchanged  market ${index} of ${wanted.file}${verdict}`);
  }

  private async registerVenues(): Promise<void> {
    for (const text of this.settings.venues) {
      const venueSigner = new PublicKey(text);
      const venue = client.venueAddress(this.exchange, venueSigner);
      if (await this.exists(venue)) {
        console.log(`unchanged  venue ${text}`);
        continue;
      }
      await this.requireAuthority();
      const register = this.program.methods.registerVenue().accountsStrict({
        authority: this.wallet,
        exchange: this.exchange,
        venueSigner,
        venue,
        systemProgram: SystemProgram.programId,
      });
      await this.send(`venue ${text}`, [await register.instruction()]);
    }
  }

  private async handOver(): Promise<void> {
    if (this.settings.new_authority === "") return;
    const wanted = new PublicKey(this.settings.new_authority);
    const { authority, pendingAuthority } = await this.program.account.exchange.fetch(this.exchange);
    if (authority.equals(wanted)) return console.log(`unchanged  authority ${wanted.toBase58()}`);
    if (pendingAuthority.equals(wanted)) {
      return console.log(`unchanged  authority proposed to ${wanted.toBase58()}, who has not accepted yet`);
    }
    await this.requireAuthority();
    const propose = this.program.methods.proposeAuthority(wanted);
    const accounts = { authority: this.wallet, exchange: this.exchange };
    await this.send(`proposal of the authority ${wanted.toBase58()}`, [await propose.accountsStrict(accounts).instruction()]);
  }
}

/** The markets of the settings, checked by the command-line tool. */
function check(settings: Settings, settingsFile: string): CheckedMarket[] {
  const files = settings.markets.map((file) => resolve(dirname(settingsFile), file));
  const tool = process.env.BREAKWATER_CLI;
  const [command, first] = tool ? [tool, []] : ["cargo", ["run", "--quiet", "--locked", "-p", "breakwater-cli", "--"]];
  try {
    const options = { cwd: dirname(folder), encoding: "utf8" } as const;
    const answer = execFileSync(command, [...first, "market", "check", "--json", ...files], options);
    const checked = JSON.parse(answer) as CheckedMarket[];
    return checked.map((market, place) => ({ ...market, file: settings.markets[place] ?? market.file }));
  } catch (error) {
    // The tool has said on stderr what is wrong.
    return fail(`the market files were not accepted: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
  }
}

async function clusterOf(provider: AnchorProvider): Promise<Cluster> {
  const url = provider.connection.rpcEndpoint;
  const genesis = await provider.connection.getGenesisHash().catch(() => fail(`no RPC node answers at ${url}`));
  return GENESIS[genesis] ?? "localnet";
}

export default async function migrate(provider: AnchorProvider): Promise<void> {
  setProvider(provider);
  const settingsFile = process.env.BREAKWATER_EXCHANGE ?? resolve(folder, "exchange.toml");
  const settings = parse(readFileSync(settingsFile, "utf8")) as unknown as Settings;
  const markets = check(settings, settingsFile);
  await new Migration(provider, settings, markets, await clusterOf(provider)).run();
}

if (process.argv[1] && resolve(process.argv[1]) === resolve(folder, "deploy.ts")) {
  const url = process.env.ANCHOR_PROVIDER_URL;
  if (!url || !process.env.ANCHOR_WALLET) {
    console.error("error: ANCHOR_PROVIDER_URL and ANCHOR_WALLET must say where to deploy and who pays");
    process.exit(1);
  }
  migrate(AnchorProvider.env()).catch((error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
}
