// Written by `npm run idl` from idl/breakwater.json. The names are those of the client, in camel case.

export type Breakwater = {
  "address": "8qGvqgKSaxA68rYyxkm3uLHqhmHD58NSWv77kNrc1xQt",
  "metadata": {
    "name": "breakwater",
    "version": "0.1.0",
    "spec": "0.1.0",
    "description": "Margin engine of a perpetual-futures exchange: cross-margin accounts, insurance and liquidation in slices that the market can carry"
  },
  "instructions": [
    {
      "name": "absorb",
      "docs": [
        "The backstop takes a failing leg over."
      ],
      "discriminator": [
        121,
        23,
        131,
        56,
        87,
        131,
        143,
        148
      ],
      "accounts": [
        {
          "name": "market",
          "docs": [
            "Market of the leg."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "The failing account."
          ],
          "writable": true
        },
        {
          "name": "backstop",
          "docs": [
            "The backstop of the market's exchange."
          ],
          "writable": true
        },
        {
          "name": "backstopAccount",
          "docs": [
            "Its margin account: takes the lots."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "acceptAuthority",
      "docs": [
        "The proposed authority takes over."
      ],
      "discriminator": [
        107,
        86,
        198,
        91,
        33,
        12,
        107,
        160
      ],
      "accounts": [
        {
          "name": "pendingAuthority",
          "docs": [
            "Proposed authority."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "applyMacroIndex",
      "docs": [
        "Gives the macro index the proposed feeds once their time has come."
      ],
      "discriminator": [
        36,
        203,
        96,
        248,
        47,
        187,
        136,
        148
      ],
      "accounts": [
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ]
        },
        {
          "name": "macroIndex",
          "docs": [
            "Its macro index."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "applyParams",
      "docs": [
        "Puts proposed parameters into force once their time has come."
      ],
      "discriminator": [
        188,
        203,
        86,
        124,
        178,
        34,
        133,
        116
      ],
      "accounts": [
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "relations": [
            "market"
          ]
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        },
        {
          "name": "proposal",
          "docs": [
            "The proposal; its account is closed."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  112,
                  97,
                  114,
                  97,
                  109,
                  115
                ]
              },
              {
                "kind": "account",
                "path": "market"
              }
            ]
          }
        },
        {
          "name": "proposer",
          "writable": true,
          "relations": [
            "proposal"
          ]
        }
      ],
      "args": []
    },
    {
      "name": "applyReceivers",
      "docs": [
        "Accepts the proposed receivers once their time has come."
      ],
      "discriminator": [
        252,
        162,
        228,
        185,
        252,
        131,
        161,
        72
      ],
      "accounts": [
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "approveVenue",
      "docs": [
        "Lets a venue settle trades of this account, within limits."
      ],
      "discriminator": [
        254,
        60,
        62,
        30,
        179,
        64,
        176,
        184
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner."
          ],
          "signer": true,
          "relations": [
            "account"
          ]
        },
        {
          "name": "account",
          "docs": [
            "The owner's account."
          ],
          "writable": true
        },
        {
          "name": "venue",
          "docs": [
            "Venue of the same exchange."
          ]
        }
      ],
      "args": [
        {
          "name": "args",
          "type": {
            "defined": {
              "name": "approveVenueArgs"
            }
          }
        }
      ]
    },
    {
      "name": "cancelMacroIndex",
      "docs": [
        "Takes a proposal of other feeds back."
      ],
      "discriminator": [
        7,
        14,
        223,
        164,
        65,
        239,
        126,
        203
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ]
        },
        {
          "name": "macroIndex",
          "docs": [
            "Its macro index."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "cancelParams",
      "docs": [
        "Takes a proposal of parameters back."
      ],
      "discriminator": [
        100,
        172,
        113,
        60,
        25,
        68,
        80,
        172
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "relations": [
            "market"
          ]
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        },
        {
          "name": "proposal",
          "docs": [
            "The proposal; its account is closed."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  112,
                  97,
                  114,
                  97,
                  109,
                  115
                ]
              },
              {
                "kind": "account",
                "path": "market"
              }
            ]
          }
        },
        {
          "name": "proposer",
          "writable": true,
          "relations": [
            "proposal"
          ]
        }
      ],
      "args": []
    },
    {
      "name": "closeAccount",
      "docs": [
        "Closes an empty margin account and returns its rent."
      ],
      "discriminator": [
        125,
        255,
        149,
        14,
        110,
        34,
        72,
        24
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner; receives the rent."
          ],
          "writable": true,
          "signer": true,
          "relations": [
            "account"
          ]
        },
        {
          "name": "account",
          "docs": [
            "The account to close."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "closeStake",
      "docs": [
        "Closes a stake without shares and returns its rent."
      ],
      "discriminator": [
        92,
        229,
        76,
        76,
        25,
        26,
        189,
        239
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner; receives the rent."
          ],
          "writable": true,
          "signer": true,
          "relations": [
            "stake"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "pool",
          "relations": [
            "stake"
          ]
        },
        {
          "name": "stake",
          "docs": [
            "The stake to close."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "collectFees",
      "docs": [
        "Pays swept trading fees out to the authority."
      ],
      "discriminator": [
        164,
        152,
        207,
        99,
        30,
        186,
        19,
        182
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "destination",
          "docs": [
            "Where the fees go: a token account of the authority."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": []
    },
    {
      "name": "convertProfit",
      "docs": [
        "Converts matured profit into capital."
      ],
      "discriminator": [
        252,
        165,
        226,
        109,
        36,
        71,
        51,
        237
      ],
      "accounts": [
        {
          "name": "operator",
          "docs": [
            "Owner or delegate: the ratio is theirs to accept. Anyone for the backstop, which gives up nothing by it."
          ],
          "signer": true
        },
        {
          "name": "market",
          "docs": [
            "Market of the claim."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "Account."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "leastRatioPpm",
          "type": "u32"
        }
      ]
    },
    {
      "name": "coverUnfunded",
      "docs": [
        "Gives toward what a market left unfunded, at most that."
      ],
      "discriminator": [
        11,
        120,
        56,
        71,
        59,
        43,
        158,
        185
      ],
      "accounts": [
        {
          "name": "donor",
          "docs": [
            "Owner of the tokens."
          ],
          "signer": true
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "market"
          ]
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "source",
          "docs": [
            "Where the tokens come from."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "amountAtoms",
          "type": "u64"
        }
      ]
    },
    {
      "name": "createBackstop",
      "docs": [
        "Creates the backstop of an exchange, empty."
      ],
      "discriminator": [
        66,
        133,
        128,
        23,
        165,
        122,
        131,
        243
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange; pays rent."
          ],
          "writable": true,
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "backstop",
          "docs": [
            "The new backstop."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  98,
                  97,
                  99,
                  107,
                  115,
                  116,
                  111,
                  112
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              }
            ]
          }
        },
        {
          "name": "backstopAccount",
          "docs": [
            "Its margin account."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  97,
                  114,
                  103,
                  105,
                  110
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              },
              {
                "kind": "account",
                "path": "backstop"
              },
              {
                "kind": "const",
                "value": [
                  0,
                  0
                ]
              }
            ]
          }
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "lossLinePpm",
          "type": "u32"
        }
      ]
    },
    {
      "name": "createMacroIndex",
      "docs": [
        "Creates the macro index of an exchange with its feeds; markets read it eight days later."
      ],
      "discriminator": [
        52,
        134,
        143,
        236,
        182,
        164,
        14,
        202
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange; pays rent."
          ],
          "writable": true,
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "macroIndex",
          "docs": [
            "The new index."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  97,
                  99,
                  114,
                  111
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              }
            ]
          }
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "feeds",
          "type": {
            "vec": {
              "defined": {
                "name": "macroFeedArgs"
              }
            }
          }
        }
      ]
    },
    {
      "name": "createMarket",
      "docs": [
        "Lists a market after checking its parameters."
      ],
      "discriminator": [
        103,
        226,
        97,
        235,
        200,
        188,
        251,
        254
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange; pays rent, seed and bond."
          ],
          "writable": true,
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "market",
          "docs": [
            "The new market."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  97,
                  114,
                  107,
                  101,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              },
              {
                "kind": "account",
                "path": "exchange"
              }
            ]
          }
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "source",
          "docs": [
            "Pays seed and bond."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "args",
          "type": {
            "defined": {
              "name": "createMarketArgs"
            }
          }
        }
      ]
    },
    {
      "name": "deleverage",
      "docs": [
        "Closes a critical leg against the other side, pro rata."
      ],
      "discriminator": [
        158,
        127,
        27,
        222,
        183,
        178,
        35,
        194
      ],
      "accounts": [
        {
          "name": "market",
          "docs": [
            "Market of the leg."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "The critical account."
          ],
          "writable": true
        },
        {
          "name": "backstop"
        },
        {
          "name": "backstopAccount"
        }
      ],
      "args": []
    },
    {
      "name": "deposit",
      "docs": [
        "Adds collateral to an account."
      ],
      "discriminator": [
        242,
        35,
        198,
        137,
        82,
        225,
        242,
        182
      ],
      "accounts": [
        {
          "name": "depositor",
          "docs": [
            "Owner of the tokens."
          ],
          "signer": true
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "Account to credit."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "source",
          "docs": [
            "Where the tokens come from."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "amountAtoms",
          "type": "u64"
        }
      ]
    },
    {
      "name": "derisk",
      "docs": [
        "Closes a part of the leg of an account at risk; the keeper takes it over."
      ],
      "discriminator": [
        224,
        250,
        37,
        26,
        171,
        237,
        221,
        41
      ],
      "accounts": [
        {
          "name": "keeper",
          "docs": [
            "Owner or delegate of the keeper's account."
          ],
          "signer": true
        },
        {
          "name": "market",
          "docs": [
            "Market of the leg."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "The account that is failing, or at risk."
          ],
          "writable": true
        },
        {
          "name": "keeperAccount",
          "docs": [
            "The keeper's account: takes the lots."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "donateInsurance",
      "docs": [
        "Gives to the insurance fund."
      ],
      "discriminator": [
        24,
        11,
        132,
        174,
        126,
        186,
        208,
        90
      ],
      "accounts": [
        {
          "name": "donor",
          "docs": [
            "Owner of the tokens."
          ],
          "signer": true
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "insurance"
          ]
        },
        {
          "name": "insurance",
          "docs": [
            "Insurance fund."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "source",
          "docs": [
            "Where the tokens come from."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "amountAtoms",
          "type": "u64"
        }
      ]
    },
    {
      "name": "donateReserve",
      "docs": [
        "Gives to a market's first-loss reserve."
      ],
      "discriminator": [
        203,
        203,
        122,
        98,
        24,
        191,
        0,
        63
      ],
      "accounts": [
        {
          "name": "donor",
          "docs": [
            "Owner of the tokens."
          ],
          "signer": true
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "market"
          ]
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "source",
          "docs": [
            "Where the tokens come from."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "amountAtoms",
          "type": "u64"
        }
      ]
    },
    {
      "name": "extendAccount",
      "docs": [
        "Brings an account of any type to the newest layout; the payer pays for the added bytes."
      ],
      "discriminator": [
        234,
        102,
        194,
        203,
        150,
        72,
        62,
        229
      ],
      "accounts": [
        {
          "name": "payer",
          "docs": [
            "Pays the rent of the bytes that are added."
          ],
          "writable": true,
          "signer": true
        },
        {
          "name": "account",
          "writable": true
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": []
    },
    {
      "name": "flag",
      "docs": [
        "Flags an account for liquidation, or clears the flag of one that recovered."
      ],
      "discriminator": [
        70,
        151,
        36,
        255,
        227,
        208,
        40,
        57
      ],
      "accounts": [
        {
          "name": "market",
          "docs": [
            "Market with a fresh price in which the account has a leg."
          ]
        },
        {
          "name": "account",
          "docs": [
            "Account."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "initializeExchange",
      "docs": [
        "Creates an exchange with its vault and insurance fund."
      ],
      "discriminator": [
        224,
        105,
        116,
        166,
        228,
        207,
        96,
        19
      ],
      "accounts": [
        {
          "name": "payer",
          "docs": [
            "Pays rent."
          ],
          "writable": true,
          "signer": true
        },
        {
          "name": "authority",
          "docs": [
            "Creator: becomes the authority, and its ids are its own."
          ],
          "signer": true
        },
        {
          "name": "exchange",
          "docs": [
            "The new exchange."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  101,
                  120,
                  99,
                  104,
                  97,
                  110,
                  103,
                  101
                ]
              },
              {
                "kind": "account",
                "path": "authority"
              },
              {
                "kind": "arg",
                "path": "args.id"
              }
            ]
          }
        },
        {
          "name": "quoteMint",
          "docs": [
            "Mint of the collateral."
          ]
        },
        {
          "name": "vault",
          "docs": [
            "The vault; only the exchange signs for it, and it has neither delegate nor close authority."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  118,
                  97,
                  117,
                  108,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              }
            ]
          }
        },
        {
          "name": "insurance",
          "docs": [
            "The new insurance fund."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  105,
                  110,
                  115,
                  117,
                  114,
                  97,
                  110,
                  99,
                  101
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              }
            ]
          }
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "args",
          "type": {
            "defined": {
              "name": "initializeExchangeArgs"
            }
          }
        }
      ]
    },
    {
      "name": "liquidate",
      "docs": [
        "Closes one slice of a failing leg; the keeper takes it over at the mark."
      ],
      "discriminator": [
        223,
        179,
        226,
        125,
        48,
        46,
        39,
        74
      ],
      "accounts": [
        {
          "name": "keeper",
          "docs": [
            "Owner or delegate of the keeper's account."
          ],
          "signer": true
        },
        {
          "name": "market",
          "docs": [
            "Market of the leg."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "The account that is failing, or at risk."
          ],
          "writable": true
        },
        {
          "name": "keeperAccount",
          "docs": [
            "The keeper's account: takes the lots."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "measureCascade",
      "docs": [
        "Measures how forced closes of a market would feed themselves."
      ],
      "discriminator": [
        63,
        56,
        5,
        122,
        53,
        187,
        8,
        115
      ],
      "accounts": [
        {
          "name": "market",
          "docs": [
            "Market with a fresh price."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "netRing",
      "docs": [
        "Nets claims and debts of accounts that wait for each other's cash."
      ],
      "discriminator": [
        207,
        232,
        213,
        106,
        134,
        236,
        42,
        7
      ],
      "accounts": [
        {
          "name": "first",
          "docs": [
            "First member."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "openAccount",
      "docs": [
        "Opens a margin account."
      ],
      "discriminator": [
        101,
        152,
        91,
        243,
        176,
        36,
        189,
        101
      ],
      "accounts": [
        {
          "name": "payer",
          "docs": [
            "Pays rent."
          ],
          "writable": true,
          "signer": true
        },
        {
          "name": "owner",
          "docs": [
            "Owner."
          ],
          "signer": true
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ]
        },
        {
          "name": "account",
          "docs": [
            "The new account."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  97,
                  114,
                  103,
                  105,
                  110
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              },
              {
                "kind": "account",
                "path": "owner"
              },
              {
                "kind": "arg",
                "path": "subId"
              }
            ]
          }
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "subId",
          "type": "u16"
        }
      ]
    },
    {
      "name": "openStake",
      "docs": [
        "Opens a stake in the insurance fund or the backstop."
      ],
      "discriminator": [
        136,
        215,
        163,
        130,
        234,
        194,
        229,
        229
      ],
      "accounts": [
        {
          "name": "payer",
          "docs": [
            "Pays rent."
          ],
          "writable": true,
          "signer": true
        },
        {
          "name": "owner",
          "docs": [
            "Owner."
          ],
          "signer": true
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "pool"
        },
        {
          "name": "stake",
          "docs": [
            "The new stake."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  115,
                  116,
                  97,
                  107,
                  101
                ]
              },
              {
                "kind": "account",
                "path": "pool"
              },
              {
                "kind": "account",
                "path": "owner"
              }
            ]
          }
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": []
    },
    {
      "name": "payDebt",
      "docs": [
        "Pays an account's debt in one market with its claim in another."
      ],
      "discriminator": [
        25,
        185,
        150,
        39,
        134,
        112,
        114,
        69
      ],
      "accounts": [
        {
          "name": "account",
          "docs": [
            "Account."
          ],
          "writable": true
        },
        {
          "name": "claimMarket",
          "docs": [
            "Market of the claim."
          ],
          "writable": true
        },
        {
          "name": "debtMarket",
          "docs": [
            "Market of the debt."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "proposeAuthority",
      "docs": [
        "Names the next authority; it takes over by accepting."
      ],
      "discriminator": [
        20,
        148,
        236,
        198,
        76,
        119,
        99,
        142
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Present authority."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "pendingAuthority",
          "type": "pubkey"
        }
      ]
    },
    {
      "name": "proposeMacroIndex",
      "docs": [
        "Proposes other feeds for the macro index, applicable after eight days."
      ],
      "discriminator": [
        80,
        13,
        249,
        141,
        47,
        79,
        238,
        167
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ]
        },
        {
          "name": "macroIndex",
          "docs": [
            "Its macro index."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "feeds",
          "type": {
            "vec": {
              "defined": {
                "name": "macroFeedArgs"
              }
            }
          }
        }
      ]
    },
    {
      "name": "proposeParams",
      "docs": [
        "Proposes parameters for a listed market: applicable at once if they only lower the cap of the open interest,",
        "else after eight days."
      ],
      "discriminator": [
        94,
        141,
        220,
        182,
        171,
        53,
        52,
        182
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange; pays rent."
          ],
          "writable": true,
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "relations": [
            "market"
          ]
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        },
        {
          "name": "proposal",
          "docs": [
            "The proposal. One that is there must be taken back first."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  112,
                  97,
                  114,
                  97,
                  109,
                  115
                ]
              },
              {
                "kind": "account",
                "path": "market"
              }
            ]
          }
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "params",
          "type": {
            "array": [
              "u8",
              216
            ]
          }
        }
      ]
    },
    {
      "name": "proposeReceivers",
      "docs": [
        "Proposes the Pyth receiver programs to accept after the timelock."
      ],
      "discriminator": [
        124,
        230,
        149,
        25,
        239,
        134,
        209,
        63
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "receivers",
          "type": {
            "array": [
              "pubkey",
              4
            ]
          }
        }
      ]
    },
    {
      "name": "refreshMacro",
      "docs": [
        "Takes Pyth prices into the macro index."
      ],
      "discriminator": [
        49,
        203,
        213,
        50,
        244,
        211,
        225,
        235
      ],
      "accounts": [
        {
          "name": "exchange",
          "docs": [
            "Exchange: says which oracles are accepted."
          ]
        },
        {
          "name": "macroIndex",
          "docs": [
            "Its macro index."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "refreshMarket",
      "docs": [
        "Takes a Pyth price into the market."
      ],
      "discriminator": [
        76,
        37,
        172,
        33,
        240,
        82,
        61,
        152
      ],
      "accounts": [
        {
          "name": "exchange",
          "docs": [
            "Exchange: says which oracles are accepted."
          ]
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        },
        {
          "name": "priceAccount"
        },
        {
          "name": "macroIndex",
          "docs": [
            "read."
          ]
        }
      ],
      "args": []
    },
    {
      "name": "registerVenue",
      "docs": [
        "Registers a matching program's signer."
      ],
      "discriminator": [
        116,
        155,
        199,
        243,
        228,
        180,
        176,
        173
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange; pays rent."
          ],
          "writable": true,
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "venueSigner"
        },
        {
          "name": "venue",
          "docs": [
            "The new venue."
          ],
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  118,
                  101,
                  110,
                  117,
                  101
                ]
              },
              {
                "kind": "account",
                "path": "exchange"
              },
              {
                "kind": "account",
                "path": "venueSigner"
              }
            ]
          }
        },
        {
          "name": "systemProgram",
          "docs": [
            "System program."
          ],
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": []
    },
    {
      "name": "requestUnstakeBackstop",
      "docs": [
        "Asks shares of the backstop back; no shares take the request back."
      ],
      "discriminator": [
        225,
        99,
        1,
        81,
        207,
        16,
        248,
        9
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner of the stake."
          ],
          "signer": true,
          "relations": [
            "stake"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "backstop"
          ]
        },
        {
          "name": "backstop",
          "docs": [
            "Backstop."
          ]
        },
        {
          "name": "backstopAccount",
          "docs": [
            "The backstop's margin account."
          ]
        },
        {
          "name": "stake",
          "docs": [
            "The owner's stake."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "shares",
          "type": "u64"
        }
      ]
    },
    {
      "name": "requestUnstakeInsurance",
      "docs": [
        "Asks shares of the insurance fund back; no shares take the request back."
      ],
      "discriminator": [
        43,
        253,
        192,
        252,
        252,
        188,
        219,
        116
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner of the stake."
          ],
          "signer": true,
          "relations": [
            "stake"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "insurance"
          ]
        },
        {
          "name": "insurance",
          "docs": [
            "Insurance fund."
          ]
        },
        {
          "name": "stake",
          "docs": [
            "The owner's stake."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "shares",
          "type": "u64"
        }
      ]
    },
    {
      "name": "resolveBankruptcy",
      "docs": [
        "Resolves an account whose equity is negative."
      ],
      "discriminator": [
        82,
        253,
        187,
        29,
        102,
        19,
        35,
        248
      ],
      "accounts": [
        {
          "name": "exchange",
          "docs": [
            "Exchange: the account's markets are swept first."
          ],
          "writable": true,
          "relations": [
            "insurance",
            "account"
          ]
        },
        {
          "name": "insurance",
          "docs": [
            "Insurance fund of the exchange."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "The bankrupt account."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "revokeReceiver",
      "docs": [
        "Stops accepting a receiver, at once."
      ],
      "discriminator": [
        104,
        200,
        66,
        72,
        36,
        120,
        174,
        214
      ],
      "accounts": [
        {
          "name": "authority",
          "docs": [
            "Authority of the exchange."
          ],
          "signer": true,
          "relations": [
            "exchange"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "receiver",
          "type": "pubkey"
        }
      ]
    },
    {
      "name": "revokeVenue",
      "docs": [
        "Takes a venue's approval back, at once."
      ],
      "discriminator": [
        243,
        23,
        152,
        25,
        19,
        194,
        71,
        3
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner."
          ],
          "signer": true,
          "relations": [
            "account"
          ]
        },
        {
          "name": "account",
          "docs": [
            "The owner's account."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "venue",
          "type": "pubkey"
        }
      ]
    },
    {
      "name": "setDelegate",
      "docs": [
        "Sets who may take slices and convert profit for the owner, and the notional up to which it may add risk."
      ],
      "discriminator": [
        242,
        30,
        46,
        76,
        108,
        235,
        128,
        181
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner."
          ],
          "signer": true,
          "relations": [
            "account"
          ]
        },
        {
          "name": "account",
          "docs": [
            "The owner's account."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "delegate",
          "type": "pubkey"
        },
        {
          "name": "notionalMaxAtoms",
          "type": "u64"
        }
      ]
    },
    {
      "name": "setDerisk",
      "docs": [
        "Opts an account in to predictive closes, or out."
      ],
      "discriminator": [
        62,
        204,
        83,
        106,
        88,
        90,
        141,
        140
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner."
          ],
          "signer": true,
          "relations": [
            "account"
          ]
        },
        {
          "name": "account",
          "docs": [
            "The owner's account."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "optedIn",
          "type": "bool"
        }
      ]
    },
    {
      "name": "settleAccount",
      "docs": [
        "Touches all legs of an account and spreads its capital over its debts."
      ],
      "discriminator": [
        60,
        139,
        99,
        124,
        108,
        166,
        110,
        182
      ],
      "accounts": [
        {
          "name": "account",
          "docs": [
            "Account to settle."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "settleTrade",
      "docs": [
        "Settles a fill that a venue matched."
      ],
      "discriminator": [
        252,
        176,
        98,
        248,
        73,
        123,
        8,
        157
      ],
      "accounts": [
        {
          "name": "venueSigner",
          "docs": [
            "The matching program's signer."
          ],
          "signer": true
        },
        {
          "name": "venue",
          "docs": [
            "Its registration at the market's exchange."
          ]
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        },
        {
          "name": "buyer",
          "docs": [
            "Buyer."
          ],
          "writable": true
        },
        {
          "name": "seller",
          "docs": [
            "Seller."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "args",
          "type": {
            "defined": {
              "name": "settleTradeArgs"
            }
          }
        }
      ]
    },
    {
      "name": "stakeBackstop",
      "docs": [
        "Puts cash into the backstop for shares."
      ],
      "discriminator": [
        231,
        160,
        141,
        66,
        161,
        84,
        211,
        186
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner of the stake and of the tokens."
          ],
          "signer": true,
          "relations": [
            "stake"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "backstop"
          ]
        },
        {
          "name": "backstop",
          "docs": [
            "Backstop."
          ],
          "writable": true
        },
        {
          "name": "backstopAccount",
          "docs": [
            "The backstop's margin account."
          ],
          "writable": true
        },
        {
          "name": "stake",
          "docs": [
            "The owner's stake."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "source",
          "docs": [
            "Where the tokens come from."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "amountAtoms",
          "type": "u64"
        },
        {
          "name": "leastShares",
          "type": "u64"
        }
      ]
    },
    {
      "name": "stakeInsurance",
      "docs": [
        "Puts cash into the insurance fund for shares."
      ],
      "discriminator": [
        177,
        2,
        141,
        2,
        215,
        160,
        174,
        119
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner of the stake and of the tokens."
          ],
          "signer": true,
          "relations": [
            "stake"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "insurance"
          ]
        },
        {
          "name": "insurance",
          "docs": [
            "Insurance fund."
          ],
          "writable": true
        },
        {
          "name": "stake",
          "docs": [
            "The owner's stake."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "source",
          "docs": [
            "Where the tokens come from."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "amountAtoms",
          "type": "u64"
        },
        {
          "name": "leastShares",
          "type": "u64"
        }
      ]
    },
    {
      "name": "sweepMarket",
      "docs": [
        "Moves a market's accrued shares to the insurance fund and the fee account, after repaying what is unfunded."
      ],
      "discriminator": [
        108,
        51,
        86,
        64,
        135,
        30,
        91,
        243
      ],
      "accounts": [
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "insurance",
            "market"
          ]
        },
        {
          "name": "insurance",
          "docs": [
            "Insurance fund."
          ],
          "writable": true
        },
        {
          "name": "market",
          "docs": [
            "Market."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "touch",
      "docs": [
        "Registers a leg anew in its market's liquidation ladder."
      ],
      "discriminator": [
        80,
        157,
        106,
        220,
        181,
        72,
        101,
        81
      ],
      "accounts": [
        {
          "name": "market",
          "docs": [
            "Market in whose ladder the leg stands."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "Account."
          ],
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "unstakeBackstop",
      "docs": [
        "A call of a request that has waited: the first one notes what the shares are worth, the second one pays, an hour to three",
        "later, as far as cash is free, at least `least_atoms`."
      ],
      "discriminator": [
        139,
        201,
        123,
        209,
        229,
        215,
        247,
        237
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner of the stake."
          ],
          "signer": true,
          "relations": [
            "stake"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "backstop"
          ]
        },
        {
          "name": "backstop",
          "docs": [
            "Backstop."
          ],
          "writable": true
        },
        {
          "name": "backstopAccount",
          "docs": [
            "The backstop's margin account."
          ],
          "writable": true
        },
        {
          "name": "stake",
          "docs": [
            "The owner's stake."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "destination",
          "docs": [
            "Where the tokens go: a token account of the owner."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "leastAtoms",
          "type": "u64"
        }
      ]
    },
    {
      "name": "unstakeInsurance",
      "docs": [
        "A call of a request that has waited: the first one notes what the shares are worth, the second one pays, an hour to three",
        "later, at least `least_atoms`."
      ],
      "discriminator": [
        227,
        3,
        128,
        151,
        98,
        60,
        132,
        132
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner of the stake."
          ],
          "signer": true,
          "relations": [
            "stake"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true,
          "relations": [
            "insurance"
          ]
        },
        {
          "name": "insurance",
          "docs": [
            "Insurance fund."
          ],
          "writable": true
        },
        {
          "name": "stake",
          "docs": [
            "The owner's stake."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "destination",
          "docs": [
            "Where the tokens go: a token account of the owner."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "leastAtoms",
          "type": "u64"
        }
      ]
    },
    {
      "name": "unwind",
      "docs": [
        "A keeper buys what the backstop holds."
      ],
      "discriminator": [
        66,
        99,
        1,
        75,
        47,
        72,
        63,
        85
      ],
      "accounts": [
        {
          "name": "keeper",
          "docs": [
            "Owner or delegate of the keeper's account."
          ],
          "signer": true
        },
        {
          "name": "market",
          "docs": [
            "Market of the inventory."
          ],
          "writable": true
        },
        {
          "name": "backstopAccount",
          "docs": [
            "The backstop's margin account."
          ],
          "writable": true
        },
        {
          "name": "keeperAccount",
          "docs": [
            "The keeper's account: takes the lots."
          ],
          "writable": true
        }
      ],
      "args": [
        {
          "name": "mostLots",
          "type": "u64"
        }
      ]
    },
    {
      "name": "withdraw",
      "docs": [
        "Withdraws capital to the owner."
      ],
      "discriminator": [
        183,
        18,
        70,
        156,
        148,
        109,
        161,
        34
      ],
      "accounts": [
        {
          "name": "owner",
          "docs": [
            "Owner of the account; a delegate may not withdraw."
          ],
          "signer": true,
          "relations": [
            "account"
          ]
        },
        {
          "name": "exchange",
          "docs": [
            "Exchange."
          ],
          "writable": true
        },
        {
          "name": "account",
          "docs": [
            "Account to debit."
          ],
          "writable": true
        },
        {
          "name": "quoteMint",
          "docs": [
            "Quote mint."
          ]
        },
        {
          "name": "destination",
          "docs": [
            "Where the tokens go: a token account of the owner."
          ],
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "docs": [
            "Token program of the mint."
          ]
        }
      ],
      "args": [
        {
          "name": "amountAtoms",
          "type": "u64"
        }
      ]
    }
  ],
  "accounts": [
    {
      "name": "backstop",
      "discriminator": [
        108,
        64,
        182,
        221,
        12,
        118,
        83,
        180
      ]
    },
    {
      "name": "exchange",
      "discriminator": [
        30,
        200,
        220,
        149,
        3,
        61,
        104,
        50
      ]
    },
    {
      "name": "insuranceFund",
      "discriminator": [
        43,
        134,
        170,
        87,
        102,
        16,
        142,
        147
      ]
    },
    {
      "name": "macroIndex",
      "discriminator": [
        130,
        222,
        162,
        213,
        181,
        226,
        171,
        203
      ]
    },
    {
      "name": "marginAccount",
      "discriminator": [
        133,
        220,
        173,
        213,
        179,
        211,
        43,
        238
      ]
    },
    {
      "name": "market",
      "discriminator": [
        219,
        190,
        213,
        55,
        0,
        227,
        198,
        154
      ]
    },
    {
      "name": "paramsProposal",
      "discriminator": [
        180,
        253,
        239,
        181,
        110,
        222,
        195,
        234
      ]
    },
    {
      "name": "stake",
      "discriminator": [
        150,
        197,
        176,
        29,
        55,
        132,
        112,
        149
      ]
    },
    {
      "name": "venue",
      "discriminator": [
        8,
        155,
        85,
        226,
        234,
        173,
        42,
        242
      ]
    }
  ],
  "events": [
    {
      "name": "accountClosed",
      "discriminator": [
        19,
        250,
        79,
        236,
        91,
        80,
        148,
        48
      ]
    },
    {
      "name": "accountDerisked",
      "discriminator": [
        202,
        132,
        40,
        168,
        28,
        144,
        84,
        62
      ]
    },
    {
      "name": "accountExtended",
      "discriminator": [
        203,
        222,
        192,
        222,
        44,
        158,
        13,
        192
      ]
    },
    {
      "name": "accountOpened",
      "discriminator": [
        250,
        89,
        39,
        67,
        35,
        119,
        126,
        63
      ]
    },
    {
      "name": "accountSettled",
      "discriminator": [
        2,
        132,
        13,
        239,
        249,
        146,
        142,
        140
      ]
    },
    {
      "name": "authorityChanged",
      "discriminator": [
        31,
        19,
        174,
        152,
        4,
        82,
        215,
        226
      ]
    },
    {
      "name": "backstopCreated",
      "discriminator": [
        74,
        123,
        102,
        100,
        230,
        212,
        162,
        41
      ]
    },
    {
      "name": "bankruptcyResolved",
      "discriminator": [
        94,
        86,
        196,
        195,
        106,
        72,
        227,
        169
      ]
    },
    {
      "name": "cascadeMeasured",
      "discriminator": [
        230,
        141,
        29,
        11,
        155,
        233,
        129,
        90
      ]
    },
    {
      "name": "debtPaid",
      "discriminator": [
        194,
        246,
        230,
        184,
        145,
        193,
        20,
        247
      ]
    },
    {
      "name": "debtWrittenOff",
      "discriminator": [
        209,
        2,
        110,
        82,
        195,
        224,
        240,
        68
      ]
    },
    {
      "name": "delegateSet",
      "discriminator": [
        103,
        126,
        239,
        131,
        201,
        31,
        212,
        253
      ]
    },
    {
      "name": "deleveraged",
      "discriminator": [
        34,
        71,
        31,
        45,
        212,
        184,
        131,
        185
      ]
    },
    {
      "name": "deposited",
      "discriminator": [
        111,
        141,
        26,
        45,
        161,
        35,
        100,
        57
      ]
    },
    {
      "name": "deriskSet",
      "discriminator": [
        198,
        237,
        145,
        203,
        172,
        2,
        7,
        121
      ]
    },
    {
      "name": "exchangeInitialized",
      "discriminator": [
        200,
        154,
        187,
        160,
        29,
        243,
        230,
        104
      ]
    },
    {
      "name": "feesCollected",
      "discriminator": [
        233,
        23,
        117,
        225,
        107,
        178,
        254,
        8
      ]
    },
    {
      "name": "flagged",
      "discriminator": [
        172,
        99,
        137,
        6,
        66,
        30,
        69,
        5
      ]
    },
    {
      "name": "insuranceDonated",
      "discriminator": [
        238,
        155,
        254,
        172,
        251,
        224,
        236,
        18
      ]
    },
    {
      "name": "inventoryUnwound",
      "discriminator": [
        71,
        81,
        155,
        33,
        171,
        79,
        158,
        244
      ]
    },
    {
      "name": "legAbsorbed",
      "discriminator": [
        51,
        73,
        124,
        76,
        224,
        149,
        142,
        90
      ]
    },
    {
      "name": "legRegistered",
      "discriminator": [
        211,
        50,
        200,
        170,
        200,
        152,
        189,
        33
      ]
    },
    {
      "name": "macroIndexCreated",
      "discriminator": [
        103,
        247,
        178,
        189,
        46,
        88,
        115,
        208
      ]
    },
    {
      "name": "macroIndexProposalCancelled",
      "discriminator": [
        221,
        206,
        20,
        51,
        160,
        194,
        242,
        74
      ]
    },
    {
      "name": "macroIndexProposed",
      "discriminator": [
        24,
        191,
        15,
        222,
        57,
        130,
        70,
        162
      ]
    },
    {
      "name": "macroIndexReplaced",
      "discriminator": [
        65,
        120,
        60,
        94,
        74,
        106,
        247,
        200
      ]
    },
    {
      "name": "macroRefreshed",
      "discriminator": [
        4,
        243,
        46,
        59,
        12,
        240,
        49,
        102
      ]
    },
    {
      "name": "marketCreated",
      "discriminator": [
        88,
        184,
        130,
        231,
        226,
        84,
        6,
        58
      ]
    },
    {
      "name": "marketRefreshed",
      "discriminator": [
        137,
        5,
        228,
        141,
        72,
        86,
        38,
        197
      ]
    },
    {
      "name": "marketSwept",
      "discriminator": [
        5,
        246,
        135,
        203,
        78,
        240,
        3,
        251
      ]
    },
    {
      "name": "paramsApplied",
      "discriminator": [
        79,
        221,
        60,
        141,
        244,
        69,
        47,
        209
      ]
    },
    {
      "name": "paramsCancelled",
      "discriminator": [
        160,
        167,
        193,
        145,
        11,
        138,
        30,
        120
      ]
    },
    {
      "name": "paramsProposed",
      "discriminator": [
        29,
        64,
        243,
        241,
        75,
        135,
        93,
        142
      ]
    },
    {
      "name": "profitConverted",
      "discriminator": [
        180,
        13,
        54,
        74,
        59,
        96,
        191,
        202
      ]
    },
    {
      "name": "receiversChanged",
      "discriminator": [
        78,
        162,
        62,
        198,
        44,
        80,
        7,
        120
      ]
    },
    {
      "name": "reserveDonated",
      "discriminator": [
        104,
        171,
        14,
        153,
        178,
        1,
        44,
        218
      ]
    },
    {
      "name": "ringNetted",
      "discriminator": [
        55,
        144,
        145,
        81,
        119,
        204,
        247,
        108
      ]
    },
    {
      "name": "sliceLiquidated",
      "discriminator": [
        16,
        151,
        74,
        2,
        227,
        248,
        107,
        75
      ]
    },
    {
      "name": "stakeClosed",
      "discriminator": [
        72,
        166,
        77,
        134,
        139,
        12,
        214,
        160
      ]
    },
    {
      "name": "stakeOpened",
      "discriminator": [
        224,
        249,
        211,
        227,
        9,
        83,
        142,
        188
      ]
    },
    {
      "name": "staked",
      "discriminator": [
        11,
        146,
        45,
        205,
        230,
        58,
        213,
        240
      ]
    },
    {
      "name": "tradeSettled",
      "discriminator": [
        22,
        119,
        166,
        225,
        175,
        53,
        93,
        216
      ]
    },
    {
      "name": "unfundedCovered",
      "discriminator": [
        165,
        129,
        67,
        102,
        219,
        111,
        230,
        39
      ]
    },
    {
      "name": "unstakeNoted",
      "discriminator": [
        135,
        133,
        55,
        99,
        201,
        60,
        196,
        125
      ]
    },
    {
      "name": "unstakeRequested",
      "discriminator": [
        21,
        253,
        177,
        85,
        129,
        206,
        42,
        152
      ]
    },
    {
      "name": "unstaked",
      "discriminator": [
        27,
        179,
        156,
        215,
        47,
        71,
        195,
        7
      ]
    },
    {
      "name": "venueApprovalChanged",
      "discriminator": [
        6,
        46,
        150,
        78,
        211,
        197,
        243,
        123
      ]
    },
    {
      "name": "venueRegistered",
      "discriminator": [
        86,
        82,
        191,
        91,
        171,
        241,
        178,
        9
      ]
    },
    {
      "name": "withdrawn",
      "discriminator": [
        20,
        89,
        223,
        198,
        194,
        124,
        219,
        13
      ]
    }
  ],
  "errors": [
    {
      "code": 6000,
      "name": "overflow",
      "msg": "A result does not fit its declared range"
    },
    {
      "code": 6001,
      "name": "divisionByZero",
      "msg": "A divisor is zero"
    },
    {
      "code": 6002,
      "name": "priceOutOfRange",
      "msg": "A price must be positive and at most 2^45"
    },
    {
      "code": 6003,
      "name": "zeroSize",
      "msg": "A size is zero"
    },
    {
      "code": 6004,
      "name": "legTooLarge",
      "msg": "A leg may have at most 2^37 lots, the legs of an account 2^38, and a notional of 2^60 atoms"
    },
    {
      "code": 6005,
      "name": "openInterestCap",
      "msg": "A side may have at most 2^38 lots, and no more than the market's own cap"
    },
    {
      "code": 6006,
      "name": "openInterestUnequal",
      "msg": "The open interest of the two sides differs"
    },
    {
      "code": 6007,
      "name": "priceNotNewer",
      "msg": "No longer used: a price that is not newer than the market's is passed over"
    },
    {
      "code": 6008,
      "name": "priceTooOld",
      "msg": "A publish time is older than the limit"
    },
    {
      "code": 6009,
      "name": "priceFromFuture",
      "msg": "A publish time may be at most 15 s ahead of the clock"
    },
    {
      "code": 6010,
      "name": "priceSameSlot",
      "msg": "No longer used: a second price in a slot is passed over"
    },
    {
      "code": 6011,
      "name": "priceStale",
      "msg": "The market has no price that is fresh enough for this use"
    },
    {
      "code": 6012,
      "name": "confidenceTooWide",
      "msg": "Published confidence is too wide for this use"
    },
    {
      "code": 6013,
      "name": "priceBeforeRestart",
      "msg": "Prices from before a cluster restart are not used"
    },
    {
      "code": 6014,
      "name": "parameterOutOfBounds",
      "msg": "A parameter is outside its hard bounds"
    },
    {
      "code": 6015,
      "name": "envelopeTooSmall",
      "msg": "The parameters do not cover the declared worst move"
    },
    {
      "code": 6016,
      "name": "settleFirst",
      "msg": "The leg may not be touched alone: losses exceed capital. Settle the account first"
    },
    {
      "code": 6017,
      "name": "noFreeLeg",
      "msg": "The account has no free leg"
    },
    {
      "code": 6018,
      "name": "noSuchLeg",
      "msg": "The account has no leg in this market"
    },
    {
      "code": 6019,
      "name": "noSuchMarket",
      "msg": "A market of one of the account's legs was not supplied"
    },
    {
      "code": 6020,
      "name": "debtOutstanding",
      "msg": "The account holds a debt in this market, which blocks new risk there"
    },
    {
      "code": 6021,
      "name": "sideExhausted",
      "msg": "Nothing is opened on a side that is nearly wiped out until its earlier legs are settled"
    },
    {
      "code": 6022,
      "name": "reduceOnly",
      "msg": "The market takes no new risk: it has no price, a restart is recent, one lot is too coarse, or it owes too much"
    },
    {
      "code": 6023,
      "name": "initialMargin",
      "msg": "Initial margin is not met"
    },
    {
      "code": 6024,
      "name": "healthWorsened",
      "msg": "An account below initial margin may not lose health by a trade"
    },
    {
      "code": 6025,
      "name": "fillTooFar",
      "msg": "The fill is too far from the mark"
    },
    {
      "code": 6026,
      "name": "negativeEquity",
      "msg": "The account's maintenance equity is negative"
    },
    {
      "code": 6027,
      "name": "insufficientCapital",
      "msg": "Capital is not sufficient"
    },
    {
      "code": 6028,
      "name": "healthy",
      "msg": "The account is not liquidatable"
    },
    {
      "code": 6029,
      "name": "notDue",
      "msg": "The next slice is not due yet"
    },
    {
      "code": 6030,
      "name": "wrongLeg",
      "msg": "Another leg relieves the account more"
    },
    {
      "code": 6031,
      "name": "flowExhausted",
      "msg": "The flow meter leaves no room for a slice now"
    },
    {
      "code": 6032,
      "name": "sliceUseless",
      "msg": "Every lot closed costs the rest more than it frees: no slice helps"
    },
    {
      "code": 6033,
      "name": "notCritical",
      "msg": "The account is not critical: a milder tier can act"
    },
    {
      "code": 6034,
      "name": "notBankrupt",
      "msg": "The account is not bankrupt"
    },
    {
      "code": 6035,
      "name": "ratioTooLow",
      "msg": "The conversion ratio is below the caller's minimum"
    },
    {
      "code": 6036,
      "name": "nothingToDo",
      "msg": "Nothing to do: the call would change nothing"
    },
    {
      "code": 6037,
      "name": "positionTooSmall",
      "msg": "The position left would be smaller than the market's minimum"
    },
    {
      "code": 6038,
      "name": "outflowLimit",
      "msg": "The outflow limit of this window is used up"
    },
    {
      "code": 6039,
      "name": "invariantBroken",
      "msg": "An invariant of the money model does not hold. Never expected"
    },
    {
      "code": 6040,
      "name": "wrongExchange",
      "msg": "The account belongs to another exchange"
    },
    {
      "code": 6041,
      "name": "wrongMarketAccount",
      "msg": "The account is not a market of this program"
    },
    {
      "code": 6042,
      "name": "marketNotWritable",
      "msg": "The market must be writable here"
    },
    {
      "code": 6043,
      "name": "marketMissing",
      "msg": "At least one market must be passed"
    },
    {
      "code": 6044,
      "name": "duplicateAccount",
      "msg": "An account was passed twice"
    },
    {
      "code": 6045,
      "name": "sameOwner",
      "msg": "Both sides belong to one owner, or who signs for the taker also acts for the other side"
    },
    {
      "code": 6046,
      "name": "notAuthority",
      "msg": "Only the authority of the exchange may do this"
    },
    {
      "code": 6047,
      "name": "notPendingAuthority",
      "msg": "Only the proposed authority may accept"
    },
    {
      "code": 6048,
      "name": "notOwner",
      "msg": "Only the owner of the account may do this"
    },
    {
      "code": 6049,
      "name": "notOperator",
      "msg": "Only the owner or the delegate of the account may do this"
    },
    {
      "code": 6050,
      "name": "wrongMint",
      "msg": "The token account or mint is not of the exchange's quote mint"
    },
    {
      "code": 6051,
      "name": "wrongVault",
      "msg": "The vault is not the exchange's"
    },
    {
      "code": 6052,
      "name": "wrongDestination",
      "msg": "The destination must belong to the owner of the account"
    },
    {
      "code": 6053,
      "name": "mintHasUnsafeExtension",
      "msg": "The mint has an extension that could take or tax the vault (transfer fee, hook, permanent delegate, default state or the like), or one that this build does not know"
    },
    {
      "code": 6054,
      "name": "mintDecimals",
      "msg": "The quote mint must have 2 to 9 decimals"
    },
    {
      "code": 6055,
      "name": "noReceiver",
      "msg": "An exchange needs at least one Pyth receiver program"
    },
    {
      "code": 6056,
      "name": "outflowLimitAbsurd",
      "msg": "The outflow window must be 60 s to 7 days and its share at most 100 %"
    },
    {
      "code": 6057,
      "name": "wrongFeed",
      "msg": "The price is of another feed"
    },
    {
      "code": 6058,
      "name": "wrongOracle",
      "msg": "The price account is owned by a program that this exchange does not accept"
    },
    {
      "code": 6059,
      "name": "priceUnverified",
      "msg": "The price update is not fully verified"
    },
    {
      "code": 6060,
      "name": "priceUnreadable",
      "msg": "The price account cannot be read"
    },
    {
      "code": 6061,
      "name": "feedIdZero",
      "msg": "A market needs a feed id"
    },
    {
      "code": 6062,
      "name": "lotExponent",
      "msg": "The lot exponent must be -18 to 3"
    },
    {
      "code": 6063,
      "name": "seedTooSmall",
      "msg": "The market's seed must be at least one quote unit"
    },
    {
      "code": 6064,
      "name": "tooManyMarkets",
      "msg": "An exchange lists at most 48 markets"
    },
    {
      "code": 6065,
      "name": "venueNotApproved",
      "msg": "The account has not approved this venue"
    },
    {
      "code": 6066,
      "name": "venueApprovalExpired",
      "msg": "The account's approval of this venue has expired"
    },
    {
      "code": 6067,
      "name": "venueLimit",
      "msg": "The venue's limit for this account and window is used up"
    },
    {
      "code": 6068,
      "name": "tooManyApprovals",
      "msg": "An account approves at most 4 venues"
    },
    {
      "code": 6069,
      "name": "approvalInPast",
      "msg": "The approval must expire in the future"
    },
    {
      "code": 6070,
      "name": "accountNotEmpty",
      "msg": "The account still holds capital or legs"
    },
    {
      "code": 6071,
      "name": "amountZero",
      "msg": "The amount must not be zero"
    },
    {
      "code": 6072,
      "name": "sameMarket",
      "msg": "A debt is paid from another market's claim"
    },
    {
      "code": 6073,
      "name": "wrongVenue",
      "msg": "The venue account is not of this exchange and signer"
    },
    {
      "code": 6074,
      "name": "timelockRunning",
      "msg": "The timelock of this change is still running"
    },
    {
      "code": 6075,
      "name": "ringShape",
      "msg": "A ring has at least two members and one market for each"
    },
    {
      "code": 6076,
      "name": "wrongMarginAccount",
      "msg": "The account is not a margin account of this program"
    },
    {
      "code": 6077,
      "name": "accountNotWritable",
      "msg": "The margin account must be writable here"
    },
    {
      "code": 6078,
      "name": "backstopAccount",
      "msg": "The backstop's account is not liquidated, absorbed or traded"
    },
    {
      "code": 6079,
      "name": "notDistressed",
      "msg": "The account is not distressed: slices can act"
    },
    {
      "code": 6080,
      "name": "noBackstop",
      "msg": "The market has no backstop: no parameters for one, or it was listed less than eight days ago"
    },
    {
      "code": 6081,
      "name": "backstopFull",
      "msg": "The backstop has no room: its capital rule, its cap in this market, or its legs"
    },
    {
      "code": 6082,
      "name": "backstopStandsAside",
      "msg": "The backstop stands aside: it lost more than its line since the day began, or cannot pay its losses"
    },
    {
      "code": 6083,
      "name": "backstopFirst",
      "msg": "The backstop can take the leg: absorb comes before deleveraging"
    },
    {
      "code": 6084,
      "name": "notCalm",
      "msg": "The market is not calm: its fast volatility exceeds 1.5 times the slow one"
    },
    {
      "code": 6085,
      "name": "stakeTooSmall",
      "msg": "What is put in buys no share"
    },
    {
      "code": 6086,
      "name": "sharesBelowLeast",
      "msg": "Fewer shares would be issued than the caller accepts"
    },
    {
      "code": 6087,
      "name": "insufficientShares",
      "msg": "The holder has fewer shares than that"
    },
    {
      "code": 6088,
      "name": "cooldownRunning",
      "msg": "The cooldown of the request has not passed"
    },
    {
      "code": 6089,
      "name": "requestLapsed",
      "msg": "The request was not redeemed in time"
    },
    {
      "code": 6090,
      "name": "paidBelowLeast",
      "msg": "Less would be paid than the holder accepts"
    },
    {
      "code": 6091,
      "name": "wrongPool",
      "msg": "The account is neither an insurance fund nor a backstop of this program"
    },
    {
      "code": 6092,
      "name": "wrongStake",
      "msg": "The stake is of another pool"
    },
    {
      "code": 6093,
      "name": "wrongBackstop",
      "msg": "The account is not the backstop's"
    },
    {
      "code": 6094,
      "name": "stakeNotEmpty",
      "msg": "The stake still holds shares"
    },
    {
      "code": 6095,
      "name": "lossLineAbsurd",
      "msg": "The loss line must be 1 % to 90 %"
    },
    {
      "code": 6096,
      "name": "tooManyBackstoppedMarkets",
      "msg": "The backstop serves at most 16 markets: one for each of its legs"
    },
    {
      "code": 6097,
      "name": "breakerOpen",
      "msg": "The circuit breaker is open: risk may not be increased until its pause ends"
    },
    {
      "code": 6098,
      "name": "nettingLocked",
      "msg": "The leg netted a slice less than the flow's recovery time ago and may not be increased yet"
    },
    {
      "code": 6099,
      "name": "notAtRisk",
      "msg": "The account is not at risk: in liquidation, at its target, or farther from maintenance than the price moves within the horizon"
    },
    {
      "code": 6100,
      "name": "deriskNotAllowed",
      "msg": "The account has not opted in to predictive closes and its position is not larger than the flow capacity"
    },
    {
      "code": 6101,
      "name": "macroFeedsInvalid",
      "msg": "A macro index has one to eight distinct feeds, each within its bounds"
    },
    {
      "code": 6102,
      "name": "macroFeedUnknown",
      "msg": "The price is of no feed of the macro index"
    },
    {
      "code": 6103,
      "name": "wrongMacroIndex",
      "msg": "The account is not the macro index of this exchange"
    },
    {
      "code": 6104,
      "name": "parameterFixed",
      "msg": "The profit window, and whether a market has a backstop, are fixed when it is listed"
    },
    {
      "code": 6105,
      "name": "proposalLapsed",
      "msg": "The proposal was not applied in time: propose anew"
    },
    {
      "code": 6106,
      "name": "proposalOutdated",
      "msg": "The authority changed since this proposal was made: propose anew"
    },
    {
      "code": 6107,
      "name": "wrongProposer",
      "msg": "The rent of a proposal returns to the authority that made it"
    },
    {
      "code": 6108,
      "name": "priceUnconfirmed",
      "msg": "What cannot be undone needs two accepted prices, published 2 s to 30 s apart: it waits for the next one"
    },
    {
      "code": 6109,
      "name": "uncoveredLoss",
      "msg": "The market has an uncovered loss: it takes new risk again once fees, insurance or gifts have repaid it"
    },
    {
      "code": 6110,
      "name": "delegateLimit",
      "msg": "A delegate adds risk only up to the notional that the owner allows it"
    },
    {
      "code": 6111,
      "name": "exchangeNotFound",
      "msg": "There is no exchange at this address: an exchange is found by its creator and its id"
    },
    {
      "code": 6112,
      "name": "marketNotListed",
      "msg": "There is no market at this address: the exchange has not listed one of this index"
    },
    {
      "code": 6113,
      "name": "accountNotOpen",
      "msg": "The margin account is not open: its owner opens it first"
    },
    {
      "code": 6114,
      "name": "stakeNotOpen",
      "msg": "The stake is not open: its owner opens it before putting anything in"
    },
    {
      "code": 6115,
      "name": "backstopNotCreated",
      "msg": "The exchange has no backstop: its authority creates it first"
    },
    {
      "code": 6116,
      "name": "macroIndexNotCreated",
      "msg": "The exchange has no macro index: its authority creates it first"
    },
    {
      "code": 6117,
      "name": "venueNotRegistered",
      "msg": "The signer is not registered as a venue of this exchange: the authority registers it first"
    },
    {
      "code": 6118,
      "name": "noProposal",
      "msg": "The market has no proposal of parameters to apply or take back"
    },
    {
      "code": 6119,
      "name": "exchangeExists",
      "msg": "The creator has an exchange of this id already"
    },
    {
      "code": 6120,
      "name": "accountAlreadyOpen",
      "msg": "The owner has opened this sub-account already"
    },
    {
      "code": 6121,
      "name": "stakeAlreadyOpen",
      "msg": "The owner has opened a stake in this pool already"
    },
    {
      "code": 6122,
      "name": "backstopExists",
      "msg": "The exchange has its backstop already"
    },
    {
      "code": 6123,
      "name": "macroIndexExists",
      "msg": "The exchange has its macro index already"
    },
    {
      "code": 6124,
      "name": "venueAlreadyRegistered",
      "msg": "The signer is registered as a venue of this exchange already"
    },
    {
      "code": 6125,
      "name": "proposalPending",
      "msg": "The market has a proposal already: it is applied or taken back before another is made"
    },
    {
      "code": 6126,
      "name": "wrongAccountType",
      "msg": "The account is of another program or another type than its place asks for"
    },
    {
      "code": 6127,
      "name": "wrongAddress",
      "msg": "The account is not at the address that the program derives for it"
    },
    {
      "code": 6128,
      "name": "accountOutdated",
      "msg": "The account has an earlier layout: anyone brings it to the newest by extend_account"
    },
    {
      "code": 6129,
      "name": "wrongTokenAccount",
      "msg": "The account is not a token account of either token program"
    },
    {
      "code": 6130,
      "name": "notAMint",
      "msg": "The account is not a mint of either token program"
    },
    {
      "code": 6131,
      "name": "wrongTokenProgram",
      "msg": "The token program is not the one that the mint belongs to"
    },
    {
      "code": 6132,
      "name": "notTokenOwner",
      "msg": "The tokens belong to somebody else: the signer must own the token account or be its delegate"
    },
    {
      "code": 6133,
      "name": "insufficientTokens",
      "msg": "The token account holds less than the amount, or allows its delegate less"
    },
    {
      "code": 6134,
      "name": "tokenAccountFrozen",
      "msg": "The mint's freeze authority has frozen the token account: it neither pays nor receives until it is thawed"
    },
    {
      "code": 6135,
      "name": "vaultFrozen",
      "msg": "The mint's freeze authority has frozen the vault: no cash enters or leaves until it is thawed, all else goes on"
    },
    {
      "code": 6136,
      "name": "tokenAccountGuarded",
      "msg": "The token account is guarded against transfers by programs: its owner disables the CPI guard or uses another account"
    },
    {
      "code": 6137,
      "name": "memoDemanded",
      "msg": "The token account demands a memo with every transfer, and the vault pays without: its owner uses another account"
    },
    {
      "code": 6138,
      "name": "secondCallTooEarly",
      "msg": "The next call of this request is not due: a second call pays one to three hours after the first, a new first call is taken a day after the last"
    },
    {
      "code": 6139,
      "name": "exitValueZero",
      "msg": "What its markets may still take leaves nothing of this pool to those who leave now: call again when they are calm"
    },
    {
      "code": 6140,
      "name": "bondTooSmall",
      "msg": "The bond of a market must be at least one quote unit"
    },
    {
      "code": 6141,
      "name": "firstPriceOutOfRange",
      "msg": "The first price of a market must lie within 2^24 and 2^40: list it with another lot exponent"
    },
    {
      "code": 6142,
      "name": "noPositionFits",
      "msg": "No position would fit: one lot may be worth at most the smallest position, and half the cap of the open interest no less"
    }
  ],
  "types": [
    {
      "name": "accountClosed",
      "docs": [
        "A margin account was closed."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          }
        ]
      }
    },
    {
      "name": "accountDerisked",
      "docs": [
        "A part of the leg of an account at risk was closed."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "keeper",
            "docs": [
              "Keeper's account."
            ],
            "type": "pubkey"
          },
          {
            "name": "closedLots",
            "docs": [
              "Signed lots closed on the account; the keeper took them."
            ],
            "type": "i64"
          },
          {
            "name": "price",
            "docs": [
              "Price, atoms per lot × 10^6."
            ],
            "type": "u64"
          },
          {
            "name": "mark",
            "docs": [
              "Mark."
            ],
            "type": "u64"
          },
          {
            "name": "flowAtoms",
            "docs": [
              "What the close counts for in the flow meter, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "costAtoms",
            "docs": [
              "What the distance of the price to the mark cost the account, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "nextDueSlot",
            "docs": [
              "Slot from which the account may be acted on again."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "accountExtended",
      "docs": [
        "An account was brought to the newest layout of its type."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header; it names no exchange, and the event is counted in no sequence."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "payer",
            "docs": [
              "Who paid for the added bytes."
            ],
            "type": "pubkey"
          },
          {
            "name": "fromVersion",
            "docs": [
              "Version before."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version now."
            ],
            "type": "u8"
          },
          {
            "name": "fromBytes",
            "docs": [
              "Length before, bytes."
            ],
            "type": "u32"
          },
          {
            "name": "bytes",
            "docs": [
              "Length now, bytes."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "accountOpened",
      "docs": [
        "A margin account was opened."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          },
          {
            "name": "subId",
            "docs": [
              "Sub-account number."
            ],
            "type": "u16"
          }
        ]
      }
    },
    {
      "name": "accountSettled",
      "docs": [
        "All legs of an account were settled."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "realisedAtoms",
            "docs": [
              "PnL realised, atoms."
            ],
            "type": "i64"
          },
          {
            "name": "paidAtoms",
            "docs": [
              "Capital that went to pools, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "debtAtoms",
            "docs": [
              "Debt left, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "accountState",
      "docs": [
        "Everything of an account that formulas read or change."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "capitalAtoms",
            "docs": [
              "Cash, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "flaggedSlot",
            "docs": [
              "Slot in which the account was flagged for liquidation; 0 = not in liquidation."
            ],
            "type": "u64"
          },
          {
            "name": "sliceDueSlot",
            "docs": [
              "Slot from which the next slice may be taken."
            ],
            "type": "u64"
          },
          {
            "name": "outflowWindow",
            "docs": [
              "Outflow window (unix seconds / window length) of the two figures below and of `window_shared_atoms`."
            ],
            "type": "u64"
          },
          {
            "name": "windowDepositsAtoms",
            "docs": [
              "Deposited in this window beyond what was withdrawn in it, and not withdrawn again, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "windowGuaranteedAtoms",
            "docs": [
              "Withdrawn under the account's guaranteed minimum in this window, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "backstop",
            "docs": [
              "1 for the account of the backstop, else 0."
            ],
            "type": "u8"
          },
          {
            "name": "sliced",
            "docs": [
              "1 once a slice was taken under the present flag, else 0."
            ],
            "type": "u8"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": {
              "array": [
                "u8",
                6
              ]
            }
          },
          {
            "name": "deriskSinceSlot",
            "docs": [
              "Slot in which the owner opted in to predictive closes; 0 = not."
            ],
            "type": "u64"
          },
          {
            "name": "deriskedSlot",
            "docs": [
              "Slot of the last predictive close."
            ],
            "type": "u64"
          },
          {
            "name": "legs",
            "docs": [
              "Legs."
            ],
            "type": {
              "array": [
                {
                  "defined": {
                    "name": "leg"
                  }
                },
                16
              ]
            }
          },
          {
            "name": "windowSharedAtoms",
            "docs": [
              "Withdrawn under the shared outflow limit in this window and not deposited again, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "approveVenueArgs",
      "docs": [
        "Limits of an approval."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "maxNotionalAtoms",
            "docs": [
              "Most notional per day, atoms. Zero allows nothing."
            ],
            "type": "u64"
          },
          {
            "name": "maxCostAtoms",
            "docs": [
              "Most cost (off-mark loss + fees) per day, atoms. Zero allows only fills without cost."
            ],
            "type": "u64"
          },
          {
            "name": "expiresAt",
            "docs": [
              "Unix time from which the approval is void."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "authorityChanged",
      "docs": [
        "The authority was proposed or accepted."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "authority",
            "docs": [
              "Authority now."
            ],
            "type": "pubkey"
          },
          {
            "name": "pendingAuthority",
            "docs": [
              "Proposed next authority; default = none."
            ],
            "type": "pubkey"
          }
        ]
      }
    },
    {
      "name": "backstop",
      "docs": [
        "Capital of liquidity providers that takes failing legs over. Cash and positions are the margin account that this",
        "account owns: nobody can sign for it, so nothing but the instructions of the backstop moves them."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "exchange",
            "docs": [
              "Exchange it serves."
            ],
            "type": "pubkey"
          },
          {
            "name": "account",
            "docs": [
              "Its margin account."
            ],
            "type": "pubkey"
          },
          {
            "name": "state",
            "docs": [
              "Shares and loss line."
            ],
            "type": {
              "defined": {
                "name": "backstopState"
              }
            }
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                6
              ]
            }
          }
        ]
      }
    },
    {
      "name": "backstopCreated",
      "docs": [
        "The backstop of the exchange was created."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "backstop",
            "docs": [
              "Backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "account",
            "docs": [
              "Its margin account."
            ],
            "type": "pubkey"
          },
          {
            "name": "lossLinePpm",
            "docs": [
              "Part of a day's reference at whose loss it stands aside."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "backstopState",
      "docs": [
        "What the backstop keeps besides its margin account."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "shares",
            "docs": [
              "Shares of the liquidity providers."
            ],
            "type": {
              "defined": {
                "name": "shareLedger"
              }
            }
          },
          {
            "name": "day",
            "docs": [
              "Day (unix seconds / 86 400) of the reference below."
            ],
            "type": "u64"
          },
          {
            "name": "referenceQ32",
            "docs": [
              "Worth of a share when it first took something that day, 2^-32 atoms."
            ],
            "type": "u64"
          },
          {
            "name": "lossLinePpm",
            "docs": [
              "It stands aside once a share lost this part of the reference. Zero: at any loss."
            ],
            "type": "u32"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "bankruptcyResolved",
      "docs": [
        "A bankrupt account was resolved."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "deficitAtoms",
            "docs": [
              "Written off, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "reserveAtoms",
            "docs": [
              "Paid by the reserves of its markets, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "insuranceAtoms",
            "docs": [
              "Paid by insurance, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "unfundedAtoms",
            "docs": [
              "Left to the profit of the debts' markets, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "claimsAtoms",
            "docs": [
              "Cut from claims for that, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "ownClaimsAtoms",
            "docs": [
              "Own claims that paid own debts, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "breaker",
      "docs": [
        "Circuit breaker of a market (RISK section 1)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "meanPrice",
            "docs": [
              "Fast mean of the price, price units; 0 = no price yet."
            ],
            "type": "u64"
          },
          {
            "name": "meanTime",
            "docs": [
              "Publish time up to which the mean is stepped, seconds."
            ],
            "type": "i64"
          },
          {
            "name": "openUntilSlot",
            "docs": [
              "Slot before which risk may not be increased."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "cascadeMeasured",
      "docs": [
        "The cascade ratios of a market were measured."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "longRatioPpm",
            "docs": [
              "Cascade ratio of the longs, ppm, saturating."
            ],
            "type": "u32"
          },
          {
            "name": "shortRatioPpm",
            "docs": [
              "Cascade ratio of the shorts, ppm, saturating."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "confirmation",
      "docs": [
        "Two accepted prices from before the mark, at least two seconds apart: an act that cannot be undone asks for the first (P-24)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "earlierMark",
            "docs": [
              "Accepted price whose publish time is at least 2 s before that of the mark; 0 = none yet."
            ],
            "type": "u64"
          },
          {
            "name": "earlierTime",
            "docs": [
              "Its publish time, seconds."
            ],
            "type": "i64"
          },
          {
            "name": "nextMark",
            "docs": [
              "Price that takes its place once the mark is 2 s younger; 0 = none yet."
            ],
            "type": "u64"
          },
          {
            "name": "nextTime",
            "docs": [
              "Its publish time, seconds."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "createMarketArgs",
      "docs": [
        "What a market is listed with."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "feedId",
            "docs": [
              "Pyth feed id."
            ],
            "type": {
              "array": [
                "u8",
                32
              ]
            }
          },
          {
            "name": "legacyPriceAccount",
            "docs": [
              "Legacy push account to accept too; default = none."
            ],
            "type": "pubkey"
          },
          {
            "name": "lotExponent",
            "docs": [
              "A lot is 10^this base tokens."
            ],
            "type": "i8"
          },
          {
            "name": "seedAtoms",
            "docs": [
              "Seed paid into the pool, atoms; at least one quote unit."
            ],
            "type": "u64"
          },
          {
            "name": "bondAtoms",
            "docs": [
              "Bond paid into the market's first-loss reserve, atoms; at least one quote unit. Nobody can take it out."
            ],
            "type": "u64"
          },
          {
            "name": "params",
            "docs": [
              "The bytes of `breakwater_risk::MarketParams`."
            ],
            "type": {
              "array": [
                "u8",
                216
              ]
            }
          }
        ]
      }
    },
    {
      "name": "debtPaid",
      "docs": [
        "A claim in one market paid a debt in another."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header: the market of the debt."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "claimMarket",
            "docs": [
              "Market of the claim."
            ],
            "type": "pubkey"
          },
          {
            "name": "paidAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "debtWrittenOff",
      "docs": [
        "A resolution wrote debt off in a market."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account that was resolved."
            ],
            "type": "pubkey"
          },
          {
            "name": "debtAtoms",
            "docs": [
              "Debt written off, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "reserveAtoms",
            "docs": [
              "Paid of it by the market's reserve, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "insuranceAtoms",
            "docs": [
              "Paid of it by insurance, atoms; the rest was added to what the market left unfunded."
            ],
            "type": "u64"
          },
          {
            "name": "claimsAtoms",
            "docs": [
              "Cut from claims then, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "unfundedAtoms",
            "docs": [
              "What the market leaves unfunded now, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "delegateSet",
      "docs": [
        "A delegate was set."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "delegate",
            "docs": [
              "Delegate; default = nobody."
            ],
            "type": "pubkey"
          },
          {
            "name": "notionalMaxAtoms",
            "docs": [
              "Most notional that it may leave the account with after adding risk, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "deleveraged",
      "docs": [
        "A leg was closed against the other side."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "closedLots",
            "docs": [
              "Signed lots closed on the account; the other side closed as many."
            ],
            "type": "i64"
          },
          {
            "name": "price",
            "docs": [
              "Price."
            ],
            "type": "u64"
          },
          {
            "name": "mark",
            "docs": [
              "Mark."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "deposited",
      "docs": [
        "Collateral came in."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "amountAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          },
          {
            "name": "capitalAtoms",
            "docs": [
              "Capital after."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "depth",
      "docs": [
        "Depth of a market as inferred from Pyth (RISK section 1)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "depthAtoms",
            "docs": [
              "D(10 bp) now: notional atoms that move the price by 10 bp."
            ],
            "type": "u64"
          },
          {
            "name": "depthSlowAtoms",
            "docs": [
              "1-day mean of D(10 bp), atoms."
            ],
            "type": "u64"
          },
          {
            "name": "capacityAtoms",
            "docs": [
              "Flow capacity C at the last refresh, before the macro stress, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "movePpm",
            "docs": [
              "Permitted move δ_max at the last refresh, ppm."
            ],
            "type": "u64"
          },
          {
            "name": "inverseRootLive",
            "docs": [
              "2^32 / √depth_atoms, the inverse root for the live size add-on."
            ],
            "type": "u64"
          },
          {
            "name": "inverseRootSlow",
            "docs": [
              "2^32 / √depth_slow_atoms, the inverse root for the size add-on."
            ],
            "type": "u64"
          },
          {
            "name": "openInterestMeanAtoms",
            "docs": [
              "24 h mean of the open interest, notional atoms."
            ],
            "type": "u64"
          },
          {
            "name": "pendingConfidencePpm",
            "docs": [
              "A wide confidence seen once and not yet confirmed, ppm of the price; 0 = none."
            ],
            "type": "u32"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": "u32"
          },
          {
            "name": "pendingConfidenceTime",
            "docs": [
              "Publish time of the pending confidence."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "deriskSet",
      "docs": [
        "An account was opted in to predictive closes, or out."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "sinceSlot",
            "docs": [
              "Slot since which it is opted in; 0 = not."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "eventHeader",
      "docs": [
        "What every event begins with."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "slot",
            "docs": [
              "Slot."
            ],
            "type": "u64"
          },
          {
            "name": "unixTimestamp",
            "docs": [
              "Clock's unix timestamp, seconds."
            ],
            "type": "i64"
          },
          {
            "name": "exchange",
            "docs": [
              "Exchange."
            ],
            "type": "pubkey"
          },
          {
            "name": "market",
            "docs": [
              "Market, or default where the event concerns none."
            ],
            "type": "pubkey"
          },
          {
            "name": "sequence",
            "docs": [
              "Number of the event in its sequence: of the market if it names one, else of the account, the macro index",
              "or the exchange."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "exchange",
      "docs": [
        "An exchange: one quote mint, one vault, up to 65 535 markets. Read-only on the trading path. Its address is derived from its",
        "creator and its id (spec X-1)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "authority",
            "docs": [
              "May list markets, register venues and collect fees. Moves no capital and no insurance."
            ],
            "type": "pubkey"
          },
          {
            "name": "pendingAuthority",
            "docs": [
              "Proposed next authority; default = none."
            ],
            "type": "pubkey"
          },
          {
            "name": "quoteMint",
            "docs": [
              "Mint of the collateral."
            ],
            "type": "pubkey"
          },
          {
            "name": "vault",
            "docs": [
              "Token account that holds all cash."
            ],
            "type": "pubkey"
          },
          {
            "name": "receivers",
            "docs": [
              "Programs whose `PriceUpdateV2` accounts are accepted; default = unused place."
            ],
            "type": {
              "array": [
                "pubkey",
                4
              ]
            }
          },
          {
            "name": "pendingReceivers",
            "docs": [
              "Proposed receivers; default = none."
            ],
            "type": {
              "array": [
                "pubkey",
                4
              ]
            }
          },
          {
            "name": "legacyOracle",
            "docs": [
              "Program that owns accepted legacy push accounts; default = none are accepted."
            ],
            "type": "pubkey"
          },
          {
            "name": "bookedAtoms",
            "docs": [
              "Cash booked: Σ capital + Σ pools + accrued shares + insurance + fees, atoms. ≤ the vault's balance."
            ],
            "type": "u64"
          },
          {
            "name": "feesAtoms",
            "docs": [
              "Swept trading fees, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "outflowLimits",
            "docs": [
              "Limits of net outflow."
            ],
            "type": {
              "defined": {
                "name": "outflowLimits"
              }
            }
          },
          {
            "name": "outflow",
            "docs": [
              "Outflow of the current window."
            ],
            "type": {
              "defined": {
                "name": "outflowWindow"
              }
            }
          },
          {
            "name": "receiversApplyAt",
            "docs": [
              "Unix time from which the proposed receivers may be applied; 0 = no proposal."
            ],
            "type": "i64"
          },
          {
            "name": "sequence",
            "docs": [
              "Number of events emitted for the exchange itself."
            ],
            "type": "u64"
          },
          {
            "name": "term",
            "docs": [
              "Number of times that the authority changed hands: a proposal of parameters holds for the term it was made in."
            ],
            "type": "u64"
          },
          {
            "name": "creator",
            "docs": [
              "Key that created it, with which its address is derived; never changes."
            ],
            "type": "pubkey"
          },
          {
            "name": "marketCount",
            "docs": [
              "Number of markets listed."
            ],
            "type": "u16"
          },
          {
            "name": "id",
            "docs": [
              "Its number among the exchanges of its creator."
            ],
            "type": "u16"
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "vaultBump",
            "docs": [
              "Bump of the vault."
            ],
            "type": "u8"
          },
          {
            "name": "quoteDecimals",
            "docs": [
              "Decimals of the quote mint."
            ],
            "type": "u8"
          },
          {
            "name": "backstoppedMarkets",
            "docs": [
              "Markets listed with parameters for the backstop."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                7
              ]
            }
          }
        ]
      }
    },
    {
      "name": "exchangeInitialized",
      "docs": [
        "An exchange was created."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "authority",
            "docs": [
              "Its authority."
            ],
            "type": "pubkey"
          },
          {
            "name": "quoteMint",
            "docs": [
              "Quote mint."
            ],
            "type": "pubkey"
          },
          {
            "name": "receivers",
            "docs": [
              "Pyth receiver programs accepted; default = unused place."
            ],
            "type": {
              "array": [
                "pubkey",
                4
              ]
            }
          },
          {
            "name": "legacyOracle",
            "docs": [
              "Owner of accepted legacy push accounts; default = none."
            ],
            "type": "pubkey"
          },
          {
            "name": "outflowWindowSeconds",
            "docs": [
              "Length of the outflow window, seconds."
            ],
            "type": "u32"
          },
          {
            "name": "outflowLimitPpm",
            "docs": [
              "Share of the booked cash that may leave per window, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "outflowGuaranteedAtoms",
            "docs": [
              "What each account may withdraw per window, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "feedTerms",
      "docs": [
        "What a feed is listed with."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "sigmaRefPpm",
            "docs": [
              "σ_ref: calm volatility, ppm per √second; 15 … 5 000."
            ],
            "type": "u32"
          },
          {
            "name": "confidenceRefPpm",
            "docs": [
              "c_ref: calm relative confidence, ppm; 50 … 10 000."
            ],
            "type": "u32"
          },
          {
            "name": "weight",
            "docs": [
              "Weight in the mean of the ratios, 1 … 100."
            ],
            "type": "u32"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "feesCollected",
      "docs": [
        "Trading fees were paid out."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "amountAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "flagged",
      "docs": [
        "An account entered or left liquidation."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "actedMarket",
            "docs": [
              "Market whose fresh price was used."
            ],
            "type": "pubkey"
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "isFlagged",
            "docs": [
              "Whether it is flagged now."
            ],
            "type": "bool"
          }
        ]
      }
    },
    {
      "name": "flowMeter",
      "docs": [
        "Flow meter of a market: signed utilisation with linear decay (RISK section 1)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "utilisationQ32",
            "docs": [
              "Utilisation u in 2^-32, within ±1 but for a closing remnant, held within ±2: forced sells negative, buys positive."
            ],
            "type": "i64"
          },
          {
            "name": "slot",
            "docs": [
              "Slot up to which the decay is accounted."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "fundState",
      "docs": [
        "Cash of a fund and the shares of its stakers."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "balanceAtoms",
            "docs": [
              "Balance, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "shares",
            "docs": [
              "Shares."
            ],
            "type": {
              "defined": {
                "name": "shareLedger"
              }
            }
          },
          {
            "name": "draws",
            "docs": [
              "What all markets together drew lately."
            ],
            "type": {
              "defined": {
                "name": "insuranceDraws"
              }
            }
          }
        ]
      }
    },
    {
      "name": "funding",
      "docs": [
        "Funding of a market; off while `funding_max_ppm` is 0."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "premiumWeighted",
            "docs": [
              "Decayed sum of what fills added to the premium, atoms · ppm."
            ],
            "type": {
              "defined": {
                "name": "storedI128"
              }
            }
          },
          {
            "name": "weightAtoms",
            "docs": [
              "Decayed Σ notional, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "accruedTime",
            "docs": [
              "Unix time up to which the sums are decayed and funding is accrued."
            ],
            "type": "i64"
          },
          {
            "name": "carried",
            "docs": [
              "What accruals rounded off so far, in 1/3 600 000 000 of an atom per lot × 10^6; positive when longs owe it."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "holding",
      "docs": [
        "One owner's shares of a pool, and the request to leave."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "shares",
            "docs": [
              "Shares, those requested included."
            ],
            "type": "u64"
          },
          {
            "name": "generation",
            "docs": [
              "Generation in which the shares are counted."
            ],
            "type": "u64"
          },
          {
            "name": "requestedShares",
            "docs": [
              "Shares that were asked back; 0 = no request."
            ],
            "type": "u64"
          },
          {
            "name": "requestedAtoms",
            "docs": [
              "What they were worth at the request, atoms: they are never paid more."
            ],
            "type": "u64"
          },
          {
            "name": "redeemableAt",
            "docs": [
              "Unix time from which the request is paid."
            ],
            "type": "i64"
          },
          {
            "name": "notedAt",
            "docs": [
              "Unix time of the last first call of the request; 0 = none yet."
            ],
            "type": "i64"
          },
          {
            "name": "notedAtoms",
            "docs": [
              "What the requested shares were worth then, or at a call since if that was less, atoms: they are never paid more."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "initializeExchangeArgs",
      "docs": [
        "What an exchange is created with."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "id",
            "docs": [
              "Number among the exchanges of its creator."
            ],
            "type": "u16"
          },
          {
            "name": "receivers",
            "docs": [
              "Pyth receiver programs to accept; default = unused place."
            ],
            "type": {
              "array": [
                "pubkey",
                4
              ]
            }
          },
          {
            "name": "legacyOracle",
            "docs": [
              "Owner of accepted legacy push accounts; default = none."
            ],
            "type": "pubkey"
          },
          {
            "name": "outflowWindowSeconds",
            "docs": [
              "Length of the outflow window, seconds: 60 to 604 800."
            ],
            "type": "u32"
          },
          {
            "name": "outflowLimitPpm",
            "docs": [
              "Share of the booked cash that may leave per window, ppm. Zero: only the guaranteed minimum."
            ],
            "type": "u32"
          },
          {
            "name": "outflowGuaranteedAtoms",
            "docs": [
              "What each account may withdraw per window whatever the others do, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "insuranceDonated",
      "docs": [
        "Somebody gave to the insurance fund."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "donor",
            "docs": [
              "Who."
            ],
            "type": "pubkey"
          },
          {
            "name": "amountAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          },
          {
            "name": "balanceAtoms",
            "docs": [
              "Balance after."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "insuranceDraws",
      "docs": [
        "What an insurance fund paid for this market lately."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "quarter",
            "docs": [
              "Number of the quarter day (unix seconds / 21 600) of the first figure below."
            ],
            "type": "u64"
          },
          {
            "name": "drawnAtoms",
            "docs": [
              "Atoms drawn in that quarter, in the one before, and so on."
            ],
            "type": {
              "array": [
                "u64",
                5
              ]
            }
          }
        ]
      }
    },
    {
      "name": "insuranceFund",
      "docs": [
        "Cash that pays deficits before anybody else does. It is booked in the exchange's vault; no instruction lets a",
        "key take from it but its stakers, their shares (spec I-3 … I-5)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "exchange",
            "docs": [
              "Exchange it insures."
            ],
            "type": "pubkey"
          },
          {
            "name": "state",
            "docs": [
              "Balance and shares."
            ],
            "type": {
              "defined": {
                "name": "fundState"
              }
            }
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                6
              ]
            }
          }
        ]
      }
    },
    {
      "name": "inventoryUnwound",
      "docs": [
        "A keeper bought from the backstop."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "keeper",
            "docs": [
              "Keeper's account."
            ],
            "type": "pubkey"
          },
          {
            "name": "closedLots",
            "docs": [
              "Signed lots closed on the backstop's account; the keeper took them."
            ],
            "type": "i64"
          },
          {
            "name": "mark",
            "docs": [
              "Mark."
            ],
            "type": "u64"
          },
          {
            "name": "discountAtoms",
            "docs": [
              "Discount that the backstop paid, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "flowAtoms",
            "docs": [
              "What the sale counts for in the flow meter, atoms; less than its notional if the keeper netted it."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "ladder",
      "docs": [
        "Forced notional of a market by trigger price (RISK section 4, 'Cascade ratio')."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "longAtoms",
            "docs": [
              "Longs: notional that would be forced at a trigger price, by bucket number modulo the length, atoms."
            ],
            "type": {
              "array": [
                "u64",
                128
              ]
            }
          },
          {
            "name": "shortAtoms",
            "docs": [
              "Shorts: the same."
            ],
            "type": {
              "array": [
                "u64",
                128
              ]
            }
          },
          {
            "name": "longRatioPpm",
            "docs": [
              "Cascade ratio n of the longs at the last measurement, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "shortRatioPpm",
            "docs": [
              "Cascade ratio n of the shorts at the last measurement, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "measuredSlot",
            "docs": [
              "Slot of the last measurement; 0 = never measured."
            ],
            "type": "u64"
          },
          {
            "name": "markBucket",
            "docs": [
              "Bucket number of the mark, set by each refresh."
            ],
            "type": "u16"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                6
              ]
            }
          }
        ]
      }
    },
    {
      "name": "leg",
      "docs": [
        "A position with its settled profit or debt, as of its last touch (DESIGN section 4)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "lots",
            "docs": [
              "Signed lots at the last touch."
            ],
            "type": "i64"
          },
          {
            "name": "sizeIndex0",
            "docs": [
              "Size index of the leg's side at the last touch."
            ],
            "type": "u64"
          },
          {
            "name": "valueIndex0",
            "docs": [
              "Value index of the leg's side at the last touch."
            ],
            "type": {
              "defined": {
                "name": "storedI128"
              }
            }
          },
          {
            "name": "claimMaturedAtoms",
            "docs": [
              "Claim that may be converted, atoms at `claim_index0`."
            ],
            "type": "u64"
          },
          {
            "name": "claimMaturingAtoms",
            "docs": [
              "Claim of the window before the current one."
            ],
            "type": "u64"
          },
          {
            "name": "claimFreshAtoms",
            "docs": [
              "Claim of the current window."
            ],
            "type": "u64"
          },
          {
            "name": "claimIndex0",
            "docs": [
              "Claim index at the last touch."
            ],
            "type": "u64"
          },
          {
            "name": "debtAtoms",
            "docs": [
              "Settled loss that no capital covered, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "generation",
            "docs": [
              "Generation of the side."
            ],
            "type": "u32"
          },
          {
            "name": "claimGeneration",
            "docs": [
              "Claim generation."
            ],
            "type": "u32"
          },
          {
            "name": "profitWindow",
            "docs": [
              "Profit window (slot / profit_window_slots) of `claim_fresh_atoms`."
            ],
            "type": "u64"
          },
          {
            "name": "marketIndex",
            "docs": [
              "Index of the market in its exchange."
            ],
            "type": "u16"
          },
          {
            "name": "inUse",
            "docs": [
              "1 while the leg refers to a market, else 0."
            ],
            "type": "u8"
          },
          {
            "name": "debtSide",
            "docs": [
              "Side of the debt: 0 long, 1 short."
            ],
            "type": "u8"
          },
          {
            "name": "ladderBucket",
            "docs": [
              "Bucket number under which the leg stands in its market's ladder; meaningless while `ladder_atoms` is 0."
            ],
            "type": "u16"
          },
          {
            "name": "flowKind",
            "docs": [
              "What `flow_slot` tells: 0 nothing, 1 the leg's last increase, 2 the last slice that it netted."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": "u8"
          },
          {
            "name": "ladderAtoms",
            "docs": [
              "Notional with which the leg stands in its market's ladder, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "flowSlot",
            "docs": [
              "Slot that `flow_kind` tells of."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "legAbsorbed",
      "docs": [
        "The backstop took a leg over, or a part of it."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "closedLots",
            "docs": [
              "Signed lots closed on the account; the backstop took them."
            ],
            "type": "i64"
          },
          {
            "name": "mark",
            "docs": [
              "Mark."
            ],
            "type": "u64"
          },
          {
            "name": "chargeAtoms",
            "docs": [
              "Charge in cash, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "claimAtoms",
            "docs": [
              "Charge paid with the leg's own claim, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "insuranceAtoms",
            "docs": [
              "Insurance's part of the cash, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "isRestored",
            "docs": [
              "Whether the account left liquidation."
            ],
            "type": "bool"
          }
        ]
      }
    },
    {
      "name": "legRegistered",
      "docs": [
        "A leg was registered anew in the liquidation ladder."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "bucket",
            "docs": [
              "Bucket number of its trigger price; 0 for a leg without lots."
            ],
            "type": "u16"
          },
          {
            "name": "forcedAtoms",
            "docs": [
              "Forced notional, atoms; 0 for a leg without lots."
            ],
            "type": "u64"
          },
          {
            "name": "markBucket",
            "docs": [
              "Bucket number of the mark."
            ],
            "type": "u16"
          }
        ]
      }
    },
    {
      "name": "macroFeed",
      "docs": [
        "A feed with its statistics."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "terms",
            "docs": [
              "What it is listed with."
            ],
            "type": {
              "defined": {
                "name": "feedTerms"
              }
            }
          },
          {
            "name": "last",
            "docs": [
              "Newest price taken."
            ],
            "type": {
              "defined": {
                "name": "macroPrice"
              }
            }
          },
          {
            "name": "closing",
            "docs": [
              "Last price of the last minute in which it published."
            ],
            "type": {
              "defined": {
                "name": "macroPrice"
              }
            }
          },
          {
            "name": "varianceQ32",
            "docs": [
              "Mean square v of the standardised returns, 32 fractional bits, ≤ 2^44."
            ],
            "type": "u64"
          },
          {
            "name": "ratioPpm",
            "docs": [
              "How wild it is compared with usual, ppm, at most 4 million; 0 = it has had no return yet and counts nowhere."
            ],
            "type": "u32"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "macroFeedArgs",
      "docs": [
        "What a feed of the index is listed with."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "feedId",
            "docs": [
              "Pyth feed id."
            ],
            "type": {
              "array": [
                "u8",
                32
              ]
            }
          },
          {
            "name": "legacyPriceAccount",
            "docs": [
              "Legacy push account to accept too; default = none."
            ],
            "type": "pubkey"
          },
          {
            "name": "sigmaRefPpm",
            "docs": [
              "σ_ref: calm volatility, ppm per √second; 15 … 5 000."
            ],
            "type": "u32"
          },
          {
            "name": "confidenceRefPpm",
            "docs": [
              "c_ref: calm relative confidence, ppm; 50 … 10 000."
            ],
            "type": "u32"
          },
          {
            "name": "weight",
            "docs": [
              "Weight in the mean of the ratios, 1 … 100."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "macroIndex",
      "docs": [
        "Feeds that an exchange watches beside its markets' own, and the stress that follows from them (spec M-5 … M-11, M-13, M-14)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "exchange",
            "docs": [
              "Exchange it serves."
            ],
            "type": "pubkey"
          },
          {
            "name": "sources",
            "docs": [
              "Where the feeds' prices come from, in the order of the state's feeds."
            ],
            "type": {
              "array": [
                {
                  "defined": {
                    "name": "macroSource"
                  }
                },
                8
              ]
            }
          },
          {
            "name": "sequence",
            "docs": [
              "Number of events emitted for this index."
            ],
            "type": "u64"
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                6
              ]
            }
          },
          {
            "name": "state",
            "docs": [
              "Terms, prices and statistics of the feeds, and the stress."
            ],
            "type": {
              "defined": {
                "name": "macroIndexState"
              }
            }
          },
          {
            "name": "pendingSources",
            "docs": [
              "Feeds that are proposed, with the terms below; zero = unused place."
            ],
            "type": {
              "array": [
                {
                  "defined": {
                    "name": "macroSource"
                  }
                },
                8
              ]
            }
          },
          {
            "name": "pendingTerms",
            "docs": [
              "Terms of the proposed feeds."
            ],
            "type": {
              "array": [
                {
                  "defined": {
                    "name": "feedTerms"
                  }
                },
                8
              ]
            }
          },
          {
            "name": "applyAt",
            "docs": [
              "Unix time from which the proposed feeds may be applied; 0 = no proposal."
            ],
            "type": "i64"
          },
          {
            "name": "pendingTerm",
            "docs": [
              "`Exchange::term` in which they were proposed: the proposal holds for no other."
            ],
            "type": "u64"
          },
          {
            "name": "effectiveAt",
            "docs": [
              "Unix time from which markets read the index."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "macroIndexCreated",
      "docs": [
        "A macro index was created."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "macroIndex",
            "docs": [
              "The index."
            ],
            "type": "pubkey"
          },
          {
            "name": "feeds",
            "docs": [
              "Its feeds, in their order."
            ],
            "type": {
              "vec": {
                "defined": {
                  "name": "macroFeedArgs"
                }
              }
            }
          },
          {
            "name": "effectiveAt",
            "docs": [
              "Unix time from which markets read it."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "macroIndexProposalCancelled",
      "docs": [
        "A proposal of other feeds was taken back."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header; counts the events of the index."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          }
        ]
      }
    },
    {
      "name": "macroIndexProposed",
      "docs": [
        "Other feeds were proposed for a macro index."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header; counts the events of the index."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "feeds",
            "docs": [
              "The feeds, in their order."
            ],
            "type": {
              "vec": {
                "defined": {
                  "name": "macroFeedArgs"
                }
              }
            }
          },
          {
            "name": "applyAt",
            "docs": [
              "Unix time from which they may be applied."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "macroIndexReplaced",
      "docs": [
        "A macro index has the proposed feeds now, and knows nothing of the earlier ones."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header; counts the events of the index."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "feeds",
            "docs": [
              "The feeds, in their order."
            ],
            "type": {
              "vec": {
                "defined": {
                  "name": "macroFeedArgs"
                }
              }
            }
          }
        ]
      }
    },
    {
      "name": "macroIndexState",
      "docs": [
        "Feeds, their statistics and the stress that follows."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "feeds",
            "docs": [
              "Feeds; the first `feed_count` are used."
            ],
            "type": {
              "array": [
                {
                  "defined": {
                    "name": "macroFeed"
                  }
                },
                8
              ]
            }
          },
          {
            "name": "pairs",
            "docs": [
              "Pairs, ordered by the later feed, then by the earlier one."
            ],
            "type": {
              "array": [
                {
                  "defined": {
                    "name": "macroPair"
                  }
                },
                28
              ]
            }
          },
          {
            "name": "minute",
            "docs": [
              "Open minute of the grid, unix seconds / 60: every minute before it is closed."
            ],
            "type": "i64"
          },
          {
            "name": "stressPpm",
            "docs": [
              "Stress as a factor, ppm, 1 … 2 million."
            ],
            "type": "u32"
          },
          {
            "name": "correlationPpm",
            "docs": [
              "Implied correlation ρ, ppm, 0 … 1 million."
            ],
            "type": "u32"
          },
          {
            "name": "feedCount",
            "docs": [
              "Number of feeds, 1 … 8."
            ],
            "type": "u32"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "macroPair",
      "docs": [
        "What two feeds have in common, as of the last minute in which both had a return."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "covarianceQ32",
            "docs": [
              "Mean product of their standardised returns, 32 fractional bits, within ±2^44."
            ],
            "type": "i64"
          },
          {
            "name": "boundQ32",
            "docs": [
              "Product of their standard deviations, 32 fractional bits, ≤ 2^44; 0 = they have had no minute in common."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "macroPrice",
      "docs": [
        "A price `mantissa · 10^exponent` with the minute it belongs to."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "mantissa",
            "docs": [
              "Ten digits, 10^9 … 10^10 − 1; 0 = no price."
            ],
            "type": "u64"
          },
          {
            "name": "publishTime",
            "docs": [
              "Pyth publish time, seconds."
            ],
            "type": "i64"
          },
          {
            "name": "exponent",
            "docs": [
              "Decimal exponent."
            ],
            "type": "i32"
          },
          {
            "name": "confidencePpm",
            "docs": [
              "Relative confidence, ppm, rounded up."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "macroPriceTaken",
      "docs": [
        "A price that a macro index took."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "feed",
            "docs": [
              "Place of the feed in the index."
            ],
            "type": "u8"
          },
          {
            "name": "mantissa",
            "docs": [
              "Ten digits of the price."
            ],
            "type": "u64"
          },
          {
            "name": "exponent",
            "docs": [
              "Decimal exponent of the mantissa."
            ],
            "type": "i32"
          },
          {
            "name": "confidencePpm",
            "docs": [
              "Relative confidence, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "publishTime",
            "docs": [
              "Pyth publish time, seconds."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "macroRefreshed",
      "docs": [
        "A macro index took prices, or closed a minute."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header; counts the events of the index."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "minute",
            "docs": [
              "Open minute now, unix seconds / 60."
            ],
            "type": "i64"
          },
          {
            "name": "ratioPpm",
            "docs": [
              "Weighted mean of the feeds' ratios, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "stressPpm",
            "docs": [
              "Stress as a factor, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "correlationPpm",
            "docs": [
              "Implied correlation, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "prices",
            "docs": [
              "Prices taken."
            ],
            "type": {
              "vec": {
                "defined": {
                  "name": "macroPriceTaken"
                }
              }
            }
          }
        ]
      }
    },
    {
      "name": "macroSource",
      "docs": [
        "Where a feed's prices come from."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "feedId",
            "docs": [
              "Pyth feed id; zero = unused place."
            ],
            "type": {
              "array": [
                "u8",
                32
              ]
            }
          },
          {
            "name": "legacyPriceAccount",
            "docs": [
              "Legacy push account that is accepted too; default = none."
            ],
            "type": "pubkey"
          }
        ]
      }
    },
    {
      "name": "macroView",
      "docs": [
        "What a market last read of the exchange's macro index (RISK section 2)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "stressPpm",
            "docs": [
              "Stress as a factor, ppm, 1 … 2 million; 0 = never read, counts as 1 million."
            ],
            "type": "u32"
          },
          {
            "name": "correlationPpm",
            "docs": [
              "Implied correlation, ppm; meaningless while the stress is 0."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "marginAccount",
      "docs": [
        "A cross-margin account with up to 16 legs."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "exchange",
            "docs": [
              "Exchange it belongs to."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner: withdraws, approves, delegates."
            ],
            "type": "pubkey"
          },
          {
            "name": "delegate",
            "docs": [
              "May take slices and convert profit for the owner (A-3); default = nobody."
            ],
            "type": "pubkey"
          },
          {
            "name": "approvals",
            "docs": [
              "Venues that may settle trades of this account."
            ],
            "type": {
              "array": [
                {
                  "defined": {
                    "name": "venueApproval"
                  }
                },
                4
              ]
            }
          },
          {
            "name": "sequence",
            "docs": [
              "Number of events emitted for this account."
            ],
            "type": "u64"
          },
          {
            "name": "delegateNotionalMaxAtoms",
            "docs": [
              "Most notional that the delegate may leave the account with after adding risk, atoms; 0 = it only reduces (A-3)."
            ],
            "type": "u64"
          },
          {
            "name": "subId",
            "docs": [
              "Sub-account number of the owner."
            ],
            "type": "u16"
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                4
              ]
            }
          },
          {
            "name": "state",
            "docs": [
              "Capital, legs, liquidation."
            ],
            "type": {
              "defined": {
                "name": "accountState"
              }
            }
          }
        ]
      }
    },
    {
      "name": "market",
      "docs": [
        "One perpetual market of an exchange."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "exchange",
            "docs": [
              "Exchange that lists it."
            ],
            "type": "pubkey"
          },
          {
            "name": "feedId",
            "docs": [
              "Pyth feed id."
            ],
            "type": {
              "array": [
                "u8",
                32
              ]
            }
          },
          {
            "name": "legacyPriceAccount",
            "docs": [
              "Legacy push account that is accepted too; default = none."
            ],
            "type": "pubkey"
          },
          {
            "name": "backstop",
            "docs": [
              "Address of the exchange's backstop, whether it exists or not."
            ],
            "type": "pubkey"
          },
          {
            "name": "backstopAccount",
            "docs": [
              "Address of the backstop's margin account."
            ],
            "type": "pubkey"
          },
          {
            "name": "macroIndex",
            "docs": [
              "Address of the exchange's macro index, whether it exists or not."
            ],
            "type": "pubkey"
          },
          {
            "name": "sequence",
            "docs": [
              "Number of events emitted for this market."
            ],
            "type": "u64"
          },
          {
            "name": "index",
            "docs": [
              "Index in the exchange."
            ],
            "type": "u16"
          },
          {
            "name": "lotExponent",
            "docs": [
              "A lot is 10^this base tokens."
            ],
            "type": "i8"
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                3
              ]
            }
          },
          {
            "name": "state",
            "docs": [
              "Parameters, price, depth, sides, pool."
            ],
            "type": {
              "defined": {
                "name": "marketState"
              }
            }
          }
        ]
      }
    },
    {
      "name": "marketCreated",
      "docs": [
        "A market was listed."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "index",
            "docs": [
              "Index in the exchange."
            ],
            "type": "u16"
          },
          {
            "name": "feedId",
            "docs": [
              "Pyth feed id."
            ],
            "type": {
              "array": [
                "u8",
                32
              ]
            }
          },
          {
            "name": "legacyPriceAccount",
            "docs": [
              "Legacy push account accepted too; default = none."
            ],
            "type": "pubkey"
          },
          {
            "name": "lotExponent",
            "docs": [
              "A lot is 10^this base tokens."
            ],
            "type": "i8"
          },
          {
            "name": "params",
            "docs": [
              "The bytes of `breakwater_risk::MarketParams`."
            ],
            "type": {
              "array": [
                "u8",
                216
              ]
            }
          },
          {
            "name": "seedAtoms",
            "docs": [
              "Seed paid into the pool, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "bondAtoms",
            "docs": [
              "Bond paid into the reserve, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "drawsFrom",
            "docs": [
              "Unix time from which it may draw on the insurance fund and the backstop may take its legs."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "marketParams",
      "docs": [
        "Parameters of one market. All rates in ppm unless the name says otherwise."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "depthBaseAtoms",
            "docs": [
              "Depth D0: notional in atoms that moves a calm market by 10 bp."
            ],
            "type": "u64"
          },
          {
            "name": "minPositionAtoms",
            "docs": [
              "Positions below this notional in atoms are closed whole."
            ],
            "type": "u64"
          },
          {
            "name": "openInterestMaxLots",
            "docs": [
              "Cap of the open interest of one side, lots."
            ],
            "type": "u64"
          },
          {
            "name": "backstopMaxAtoms",
            "docs": [
              "Notional in atoms that the backstop may hold in this market; 0 = it takes nothing here."
            ],
            "type": "u64"
          },
          {
            "name": "maintenanceBasePpm",
            "docs": [
              "Maintenance base rate: applied at σ_ref before the buffer."
            ],
            "type": "u32"
          },
          {
            "name": "initialBasePpm",
            "docs": [
              "Initial margin base rate."
            ],
            "type": "u32"
          },
          {
            "name": "bufferPpm",
            "docs": [
              "Buffer above maintenance: liquidation ends at health 1 + buffer."
            ],
            "type": "u32"
          },
          {
            "name": "backstopLinePpm",
            "docs": [
              "h_bs: below this health the backstop takes the leg."
            ],
            "type": "u32"
          },
          {
            "name": "deleverageLinePpm",
            "docs": [
              "h_adl: below this health the leg is deleveraged."
            ],
            "type": "u32"
          },
          {
            "name": "maintenanceStepPpm",
            "docs": [
              "Most that the applied maintenance rate moves per hour."
            ],
            "type": "u32"
          },
          {
            "name": "sizeAddonPpm",
            "docs": [
              "Size add-on: factor 1 + this · √(N/D_slow), at most 2."
            ],
            "type": "u32"
          },
          {
            "name": "sigmaRefPpm",
            "docs": [
              "σ_ref: calm volatility, ppm per √second."
            ],
            "type": "u32"
          },
          {
            "name": "sigmaStressPpm",
            "docs": [
              "Stress volatility, ppm per √second."
            ],
            "type": "u32"
          },
          {
            "name": "confidenceRefPpm",
            "docs": [
              "c_ref: calm relative confidence."
            ],
            "type": "u32"
          },
          {
            "name": "confidenceMaxPpm",
            "docs": [
              "Widest relative confidence for risk-increasing trades and conversions; beyond it a withdrawal counts the leg's",
              "initial margin twice."
            ],
            "type": "u32"
          },
          {
            "name": "confidenceLiquidationMaxPpm",
            "docs": [
              "Widest relative confidence for liquidations."
            ],
            "type": "u32"
          },
          {
            "name": "priceAgeMaxS",
            "docs": [
              "Oldest price for a use on the acted-on market, seconds."
            ],
            "type": "u32"
          },
          {
            "name": "depthSharePpm",
            "docs": [
              "Share of the 24 h mean open interest that D0 may reach."
            ],
            "type": "u32"
          },
          {
            "name": "depthVolatilityPpm",
            "docs": [
              "k_v: weight of the volatility term of the depth."
            ],
            "type": "u32"
          },
          {
            "name": "flowRecoverySlots",
            "docs": [
              "τ_flow: slots in which a full flow meter empties."
            ],
            "type": "u32"
          },
          {
            "name": "moveMinPpm",
            "docs": [
              "Least permitted move δ."
            ],
            "type": "u32"
          },
          {
            "name": "moveMaxPpm",
            "docs": [
              "Greatest permitted move δ."
            ],
            "type": "u32"
          },
          {
            "name": "impactStayPpm",
            "docs": [
              "κ: share of a forced move that stays."
            ],
            "type": "u32"
          },
          {
            "name": "paceCapSlots",
            "docs": [
              "T_cap: longest pause between two slices of an account, slots."
            ],
            "type": "u32"
          },
          {
            "name": "paceZ",
            "docs": [
              "z of the adaptive delay: number of standard deviations."
            ],
            "type": "u32"
          },
          {
            "name": "chargeMinPpm",
            "docs": [
              "φ_min: charge of a slice that is taken at once."
            ],
            "type": "u32"
          },
          {
            "name": "chargeMaxPpm",
            "docs": [
              "φ_max: charge at the end of the Dutch window."
            ],
            "type": "u32"
          },
          {
            "name": "chargeAbsorbPpm",
            "docs": [
              "φ_absorb: charge of a whole leg that the backstop takes."
            ],
            "type": "u32"
          },
          {
            "name": "insuranceSharePpm",
            "docs": [
              "Insurance's part of a charge."
            ],
            "type": "u32"
          },
          {
            "name": "dutchSlots",
            "docs": [
              "Length of the Dutch window, slots."
            ],
            "type": "u32"
          },
          {
            "name": "profitWindowSlots",
            "docs": [
              "Length of a profit window, slots."
            ],
            "type": "u32"
          },
          {
            "name": "insuranceEventPpm",
            "docs": [
              "Most of the insurance fund that one event may draw for this market."
            ],
            "type": "u32"
          },
          {
            "name": "insuranceWindowPpm",
            "docs": [
              "Most of the insurance fund that one day may draw for this market."
            ],
            "type": "u32"
          },
          {
            "name": "tradeFeePpm",
            "docs": [
              "Fee of a fill for each side, of its notional."
            ],
            "type": "u32"
          },
          {
            "name": "feeInsuranceSharePpm",
            "docs": [
              "Insurance's part of trade fees."
            ],
            "type": "u32"
          },
          {
            "name": "fundingMaxPpm",
            "docs": [
              "Funding: greatest rate per hour; 0 = off."
            ],
            "type": "u32"
          },
          {
            "name": "worstMovePpm",
            "docs": [
              "Envelope: worst relative move declared for `price_age_max_s` + T_cap + Dutch window."
            ],
            "type": "u32"
          },
          {
            "name": "slotMs",
            "docs": [
              "Nominal milliseconds of a slot."
            ],
            "type": "u32"
          },
          {
            "name": "restartGraceSlots",
            "docs": [
              "Reduce-only slots after a cluster restart."
            ],
            "type": "u32"
          },
          {
            "name": "breakerBandPpm",
            "docs": [
              "Breaker: band around the fast price mean outside which a price stops new risk; 0 = any deviation does."
            ],
            "type": "u32"
          },
          {
            "name": "breakerPauseSlots",
            "docs": [
              "Breaker: slots for which new risk is stopped; never 0, so that a missing configuration is refused."
            ],
            "type": "u32"
          },
          {
            "name": "backstopGapPpm",
            "docs": [
              "Gap that the backstop's capital covers for what it holds in this market."
            ],
            "type": "u32"
          },
          {
            "name": "nettingPpm",
            "docs": [
              "Part of its notional with which a netting slice counts in the flow meter."
            ],
            "type": "u32"
          },
          {
            "name": "deriskZ",
            "docs": [
              "z of predictive closes: standard deviations within which maintenance must lie."
            ],
            "type": "u32"
          },
          {
            "name": "deriskHorizonSlots",
            "docs": [
              "Horizon of predictive closes, slots."
            ],
            "type": "u32"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": {
              "array": [
                "u32",
                5
              ]
            }
          }
        ]
      }
    },
    {
      "name": "marketRefreshed",
      "docs": [
        "A market took a price."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "mark",
            "docs": [
              "Mark, atoms per lot × 10^6."
            ],
            "type": "u64"
          },
          {
            "name": "confidence",
            "docs": [
              "Confidence, same unit."
            ],
            "type": "u64"
          },
          {
            "name": "publishTime",
            "docs": [
              "Publish time, seconds."
            ],
            "type": "i64"
          },
          {
            "name": "depthAtoms",
            "docs": [
              "Depth D(10 bp), atoms."
            ],
            "type": "u64"
          },
          {
            "name": "capacityAtoms",
            "docs": [
              "Flow capacity, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "maintenancePpm",
            "docs": [
              "Applied maintenance rate, ppm, rounded up."
            ],
            "type": "u64"
          },
          {
            "name": "fundingPerLot",
            "docs": [
              "Funding accrued, atoms per lot × 10^6."
            ],
            "type": "i64"
          },
          {
            "name": "breakerOpenUntilSlot",
            "docs": [
              "Slot before which risk may not be increased: the circuit breaker; 0 = it never opened."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "marketState",
      "docs": [
        "Everything of a market that formulas read or change."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "params",
            "docs": [
              "Parameters."
            ],
            "type": {
              "defined": {
                "name": "marketParams"
              }
            }
          },
          {
            "name": "mark",
            "docs": [
              "Mark: the last accepted price."
            ],
            "type": "u64"
          },
          {
            "name": "previousMark",
            "docs": [
              "The price accepted before."
            ],
            "type": "u64"
          },
          {
            "name": "markSlot",
            "docs": [
              "Slot of the last accepted price."
            ],
            "type": "u64"
          },
          {
            "name": "previousSlot",
            "docs": [
              "Slot of the one before."
            ],
            "type": "u64"
          },
          {
            "name": "publishTime",
            "docs": [
              "Pyth publish time of the mark, seconds."
            ],
            "type": "i64"
          },
          {
            "name": "confidence",
            "docs": [
              "Confidence of the mark, price units."
            ],
            "type": "u64"
          },
          {
            "name": "reduceOnlyUntilSlot",
            "docs": [
              "Slot up to which risk may only be reduced after a restart."
            ],
            "type": "u64"
          },
          {
            "name": "restartSlot",
            "docs": [
              "Restart slot known at the last refresh."
            ],
            "type": "u64"
          },
          {
            "name": "statistics",
            "docs": [
              "Price statistics."
            ],
            "type": {
              "defined": {
                "name": "priceStatistics"
              }
            }
          },
          {
            "name": "depth",
            "docs": [
              "Depth."
            ],
            "type": {
              "defined": {
                "name": "depth"
              }
            }
          },
          {
            "name": "flow",
            "docs": [
              "Flow meter."
            ],
            "type": {
              "defined": {
                "name": "flowMeter"
              }
            }
          },
          {
            "name": "maintenanceQ32",
            "docs": [
              "Applied maintenance rate M, 2^-32 ppm."
            ],
            "type": "u64"
          },
          {
            "name": "maintenanceTime",
            "docs": [
              "Unix time up to which M is stepped."
            ],
            "type": "i64"
          },
          {
            "name": "long",
            "docs": [
              "Long side."
            ],
            "type": {
              "defined": {
                "name": "side"
              }
            }
          },
          {
            "name": "short",
            "docs": [
              "Short side."
            ],
            "type": {
              "defined": {
                "name": "side"
              }
            }
          },
          {
            "name": "poolAtoms",
            "docs": [
              "Cash of the market, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "claimsTotalAtoms",
            "docs": [
              "Upper bound of Σ claims, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "debtsTotalAtoms",
            "docs": [
              "Σ debts, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "unfundedAtoms",
            "docs": [
              "Deficit that nobody could bear, repaid by fees and insurance, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "claimIndex",
            "docs": [
              "Claim index; starts each claim generation at 2^48."
            ],
            "type": "u64"
          },
          {
            "name": "feesAccruedAtoms",
            "docs": [
              "Fees not yet swept, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "insuranceAccruedAtoms",
            "docs": [
              "Insurance's shares not yet swept, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "funding",
            "docs": [
              "Funding."
            ],
            "type": {
              "defined": {
                "name": "funding"
              }
            }
          },
          {
            "name": "insurance",
            "docs": [
              "Insurance draws."
            ],
            "type": {
              "defined": {
                "name": "insuranceDraws"
              }
            }
          },
          {
            "name": "claimGeneration",
            "docs": [
              "Claim generation."
            ],
            "type": "u32"
          },
          {
            "name": "legCount",
            "docs": [
              "Legs of accounts that refer to this market."
            ],
            "type": "u32"
          },
          {
            "name": "calmSinceSlot",
            "docs": [
              "Slot of the refresh since which every refresh has let the backstop sell: calm (Y-4), no pause of the feed, narrow confidence,",
              "not reduce-only (N-3); 0 = the last one did not, and a sale has no discount."
            ],
            "type": "u64"
          },
          {
            "name": "absorbedSlot",
            "docs": [
              "Slot in which the backstop last took lots here."
            ],
            "type": "u64"
          },
          {
            "name": "breaker",
            "docs": [
              "Circuit breaker."
            ],
            "type": {
              "defined": {
                "name": "breaker"
              }
            }
          },
          {
            "name": "macroView",
            "docs": [
              "What was last read of the macro index."
            ],
            "type": {
              "defined": {
                "name": "macroView"
              }
            }
          },
          {
            "name": "ladder",
            "docs": [
              "Liquidation ladder and cascade ratios."
            ],
            "type": {
              "defined": {
                "name": "ladder"
              }
            }
          },
          {
            "name": "confirmation",
            "docs": [
              "What an act that cannot be undone compares the mark with."
            ],
            "type": {
              "defined": {
                "name": "confirmation"
              }
            }
          },
          {
            "name": "unfundedAllowanceAtoms",
            "docs": [
              "What the insurance fund may still pay toward the present `unfunded_atoms`, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "drawsFrom",
            "docs": [
              "Unix time from which the market may draw on the insurance fund and the backstop may take its legs, set by the listing",
              "(P-8); 0 = it always may."
            ],
            "type": "i64"
          },
          {
            "name": "reserveAtoms",
            "docs": [
              "First-loss reserve, atoms: it pays before insurance (I-6)."
            ],
            "type": "u64"
          },
          {
            "name": "bondAtoms",
            "docs": [
              "What the lister paid into the reserve, atoms: sweeps refill the reserve up to it."
            ],
            "type": "u64"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": {
              "array": [
                "u64",
                4
              ]
            }
          }
        ]
      }
    },
    {
      "name": "marketSwept",
      "docs": [
        "A market's accrued shares were swept."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "insuranceAtoms",
            "docs": [
              "To insurance, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "feesAtoms",
            "docs": [
              "To the exchange's fees, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "reservedAtoms",
            "docs": [
              "To the market's reserve, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "repaidFromFeesAtoms",
            "docs": [
              "Unfunded repaid from fees, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "repaidFromReserveAtoms",
            "docs": [
              "Unfunded repaid from the reserve, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "repaidFromInsuranceAtoms",
            "docs": [
              "Unfunded repaid from insurance, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "claimsCutAtoms",
            "docs": [
              "Unfunded cut from claims, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "openSums",
      "docs": [
        "What the legs of a side add up to, as of each leg's last touch: their open PnL at any value index follows in constant time",
        "(`open_profit`). A leg's part is the same figure when it is added and when it is taken away, so the sums are exact."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "weight",
            "docs": [
              "Σ ⌊|lots| · 2^87 / A0⌋: lots per unit of the size index."
            ],
            "type": {
              "defined": {
                "name": "storedI128"
              }
            }
          },
          {
            "name": "basis",
            "docs": [
              "Σ ⌊|lots| · V0 / A0⌋: what the lots were worth at their last touch, atoms × 10^6."
            ],
            "type": {
              "defined": {
                "name": "storedI128"
              }
            }
          }
        ]
      }
    },
    {
      "name": "outflowLimits",
      "docs": [
        "Limits of an exchange's outflow. Zero means none, never unlimited."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "windowSeconds",
            "docs": [
              "Length of a window, seconds; 0 stands for an hour."
            ],
            "type": "u32"
          },
          {
            "name": "limitPpm",
            "docs": [
              "Shared limit as a part of the vault at the window's start, ppm."
            ],
            "type": "u32"
          },
          {
            "name": "guaranteedAtoms",
            "docs": [
              "What every account may withdraw per window whatever others do, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "reserved",
            "docs": [
              "Reserved, zero."
            ],
            "type": {
              "array": [
                "u64",
                2
              ]
            }
          }
        ]
      }
    },
    {
      "name": "outflowWindow",
      "docs": [
        "Outflow of an exchange in the current window."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "window",
            "docs": [
              "Number of the window: unix seconds / window length."
            ],
            "type": "u64"
          },
          {
            "name": "baseAtoms",
            "docs": [
              "Atoms that had stayed booked in the vault when the window started."
            ],
            "type": "u64"
          },
          {
            "name": "outAtoms",
            "docs": [
              "Withdrawn under the shared limit in this window and not deposited again, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "stayPeriod",
            "docs": [
              "Number of the last period (unix seconds / 600) in which anybody deposited or withdrew."
            ],
            "type": "u64"
          },
          {
            "name": "stayedAtoms",
            "docs": [
              "Least that was booked in that period, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "stayedBeforeAtoms",
            "docs": [
              "Least that was booked in the period before it, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "paramsApplied",
      "docs": [
        "A market's parameters changed."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "params",
            "docs": [
              "The bytes of `breakwater_risk::MarketParams`."
            ],
            "type": {
              "array": [
                "u8",
                216
              ]
            }
          },
          {
            "name": "fundingPerLot",
            "docs": [
              "Funding accrued until now by the old parameters, atoms per lot × 10^6; positive when longs paid."
            ],
            "type": "i64"
          },
          {
            "name": "maintenanceQ32",
            "docs": [
              "Maintenance rate applied now, stepped by the old parameters; 2^-32 ppm."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "paramsCancelled",
      "docs": [
        "A proposal of parameters was taken back."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "params",
            "docs": [
              "What had been proposed: the bytes of `breakwater_risk::MarketParams`."
            ],
            "type": {
              "array": [
                "u8",
                216
              ]
            }
          }
        ]
      }
    },
    {
      "name": "paramsProposal",
      "docs": [
        "What shall become a market's parameters; a market has one proposal at most."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "market",
            "docs": [
              "Market it is for."
            ],
            "type": "pubkey"
          },
          {
            "name": "proposer",
            "docs": [
              "Authority that made it: it paid the rent and gets that back."
            ],
            "type": "pubkey"
          },
          {
            "name": "to",
            "docs": [
              "Parameters proposed, as bytes of `breakwater_risk::MarketParams`."
            ],
            "type": {
              "array": [
                "u8",
                216
              ]
            }
          },
          {
            "name": "term",
            "docs": [
              "`Exchange::term` in which it was made: it holds for no other."
            ],
            "type": "u64"
          },
          {
            "name": "applyAt",
            "docs": [
              "Unix time from which it may be applied."
            ],
            "type": "i64"
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          }
        ]
      }
    },
    {
      "name": "paramsProposed",
      "docs": [
        "Parameters were proposed for a market."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "params",
            "docs": [
              "The bytes of `breakwater_risk::MarketParams`."
            ],
            "type": {
              "array": [
                "u8",
                216
              ]
            }
          },
          {
            "name": "applyAt",
            "docs": [
              "Unix time from which they may be applied."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "priceStatistics",
      "docs": [
        "Price statistics of a market (RISK section 1)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "varianceFast",
            "docs": [
              "Fast variance (τ 15 min), ppm² per second, 32 fractional bits, saturating."
            ],
            "type": "u64"
          },
          {
            "name": "varianceSlow",
            "docs": [
              "Slow variance (τ 1 day), ppm² per second, 32 fractional bits, saturating."
            ],
            "type": "u64"
          },
          {
            "name": "referencePrice",
            "docs": [
              "Price at the last return that entered."
            ],
            "type": "u64"
          },
          {
            "name": "referenceTime",
            "docs": [
              "Publish time of that price, seconds."
            ],
            "type": "i64"
          },
          {
            "name": "lastReturnSigmaPpm",
            "docs": [
              "|last return| / √dt, ppm per √second."
            ],
            "type": "u32"
          },
          {
            "name": "sigmaNowPpm",
            "docs": [
              "σ of the moment, ppm per √second: max(fast, stress/2, last return)."
            ],
            "type": "u32"
          },
          {
            "name": "sigmaFastPpm",
            "docs": [
              "σ_fast, ppm per √second."
            ],
            "type": "u32"
          },
          {
            "name": "sigmaSlotPpm",
            "docs": [
              "σ of the moment per √slot, ppm."
            ],
            "type": "u32"
          }
        ]
      }
    },
    {
      "name": "profitConverted",
      "docs": [
        "Matured profit became capital."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "maturedAtoms",
            "docs": [
              "Matured claim before, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "paidAtoms",
            "docs": [
              "Paid, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "givenUpAtoms",
            "docs": [
              "Given up with it, atoms: what the market left unfunded of what was paid."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "receiversChanged",
      "docs": [
        "The accepted receivers changed, or a change was proposed."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "receivers",
            "docs": [
              "Accepted now."
            ],
            "type": {
              "array": [
                "pubkey",
                4
              ]
            }
          },
          {
            "name": "pendingReceivers",
            "docs": [
              "Proposed; default = none."
            ],
            "type": {
              "array": [
                "pubkey",
                4
              ]
            }
          },
          {
            "name": "applyAt",
            "docs": [
              "Unix time from which the proposal may be applied; 0 = none."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "reserveDonated",
      "docs": [
        "Somebody gave to a market's reserve."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "donor",
            "docs": [
              "Giver."
            ],
            "type": "pubkey"
          },
          {
            "name": "amountAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          },
          {
            "name": "reserveAtoms",
            "docs": [
              "Reserve after, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "ringNetted",
      "docs": [
        "A ring of claims and debts was netted."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "first",
            "docs": [
              "First member; the others are in the instruction."
            ],
            "type": "pubkey"
          },
          {
            "name": "members",
            "docs": [
              "Number of members."
            ],
            "type": "u8"
          },
          {
            "name": "nettedAtoms",
            "docs": [
              "Taken off every claim and every debt of the ring, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "settleTradeArgs",
      "docs": [
        "A fill."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "lots",
            "docs": [
              "Lots that the buyer buys from the seller."
            ],
            "type": "u64"
          },
          {
            "name": "price",
            "docs": [
              "Price, atoms per lot × 10^6."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "shareLedger",
      "docs": [
        "Shares issued by a pool."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "total",
            "docs": [
              "Shares of this generation, those that belong to nobody included."
            ],
            "type": "u64"
          },
          {
            "name": "generation",
            "docs": [
              "How often shares were divided by 2^10; 7 at once where the pool lost everything."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "side",
      "docs": [
        "One side of a market (spec L)."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "openLots",
            "docs": [
              "Open lots, ≥ Σ effective lots of the legs. ≤ 2^38."
            ],
            "type": "u64"
          },
          {
            "name": "sizeIndex",
            "docs": [
              "Size index A; starts each generation at 2^60."
            ],
            "type": "u64"
          },
          {
            "name": "cashIndex",
            "docs": [
              "Cash index K, price × size index."
            ],
            "type": {
              "defined": {
                "name": "storedI128"
              }
            }
          },
          {
            "name": "endedSizeIndex",
            "docs": [
              "Size index at the end of the previous generation."
            ],
            "type": "u64"
          },
          {
            "name": "endedMark",
            "docs": [
              "Mark at the end of the previous generation."
            ],
            "type": "u64"
          },
          {
            "name": "endedCashIndex",
            "docs": [
              "Cash index at the end of the previous generation."
            ],
            "type": {
              "defined": {
                "name": "storedI128"
              }
            }
          },
          {
            "name": "generation",
            "docs": [
              "Number of the current generation."
            ],
            "type": "u32"
          },
          {
            "name": "legsCurrent",
            "docs": [
              "Legs with lots in the current generation."
            ],
            "type": "u32"
          },
          {
            "name": "legsBehind",
            "docs": [
              "Legs with lots that still stand in the previous generation."
            ],
            "type": "u32"
          },
          {
            "name": "unownedQ32",
            "docs": [
              "Fraction of a lot that touches left without an owner, 2^-32 lots: handed on once it makes a lot."
            ],
            "type": "u32"
          },
          {
            "name": "open",
            "docs": [
              "Sums over the legs of the current generation, from which their open PnL follows."
            ],
            "type": {
              "defined": {
                "name": "openSums"
              }
            }
          },
          {
            "name": "behind",
            "docs": [
              "The same over the legs that still stand in the previous generation."
            ],
            "type": {
              "defined": {
                "name": "openSums"
              }
            }
          }
        ]
      }
    },
    {
      "name": "sliceLiquidated",
      "docs": [
        "A slice was closed."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "keeper",
            "docs": [
              "Keeper's account."
            ],
            "type": "pubkey"
          },
          {
            "name": "closedLots",
            "docs": [
              "Signed lots closed on the account."
            ],
            "type": "i64"
          },
          {
            "name": "mark",
            "docs": [
              "Mark."
            ],
            "type": "u64"
          },
          {
            "name": "chargeAtoms",
            "docs": [
              "Charge, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "keeperAtoms",
            "docs": [
              "Keeper's part, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "insuranceAtoms",
            "docs": [
              "Insurance's part, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "flowAtoms",
            "docs": [
              "What the slice counts for in the flow meter, atoms; less than its notional if the keeper netted it."
            ],
            "type": "u64"
          },
          {
            "name": "nextDueSlot",
            "docs": [
              "Slot from which the next slice may be taken."
            ],
            "type": "u64"
          },
          {
            "name": "isRestored",
            "docs": [
              "Whether the account left liquidation."
            ],
            "type": "bool"
          }
        ]
      }
    },
    {
      "name": "stake",
      "docs": [
        "Shares of one owner in one pool."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "pool",
            "docs": [
              "The insurance fund or the backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          },
          {
            "name": "state",
            "docs": [
              "Shares and request to leave."
            ],
            "type": {
              "defined": {
                "name": "holding"
              }
            }
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          },
          {
            "name": "padding",
            "docs": [
              "Zero."
            ],
            "type": {
              "array": [
                "u8",
                6
              ]
            }
          }
        ]
      }
    },
    {
      "name": "stakeClosed",
      "docs": [
        "A stake was closed."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "pool",
            "docs": [
              "The insurance fund or the backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          }
        ]
      }
    },
    {
      "name": "stakeOpened",
      "docs": [
        "A stake was opened."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "pool",
            "docs": [
              "The insurance fund or the backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          }
        ]
      }
    },
    {
      "name": "staked",
      "docs": [
        "Cash came into a pool for shares."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "pool",
            "docs": [
              "The insurance fund or the backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          },
          {
            "name": "amountAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          },
          {
            "name": "shares",
            "docs": [
              "Shares issued to the owner."
            ],
            "type": "u64"
          },
          {
            "name": "totalShares",
            "docs": [
              "Shares of the pool after."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "storedI128",
      "docs": [
        "A signed 128-bit integer stored as bytes: alignment 1 everywhere, unlike `i128`."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "leBytes",
            "type": {
              "array": [
                "u8",
                16
              ]
            }
          }
        ]
      }
    },
    {
      "name": "tradeSettled",
      "docs": [
        "A fill was settled."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "venue",
            "docs": [
              "Venue."
            ],
            "type": "pubkey"
          },
          {
            "name": "buyer",
            "docs": [
              "Buyer's account."
            ],
            "type": "pubkey"
          },
          {
            "name": "seller",
            "docs": [
              "Seller's account."
            ],
            "type": "pubkey"
          },
          {
            "name": "lots",
            "docs": [
              "Lots."
            ],
            "type": "u64"
          },
          {
            "name": "price",
            "docs": [
              "Price of the fill."
            ],
            "type": "u64"
          },
          {
            "name": "mark",
            "docs": [
              "Mark it was booked at."
            ],
            "type": "u64"
          },
          {
            "name": "buyerFeeAtoms",
            "docs": [
              "Fee of the buyer, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "sellerFeeAtoms",
            "docs": [
              "Fee of the seller, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "buyerFeeFromClaimsAtoms",
            "docs": [
              "Part of the buyer's fee that its claims paid, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "sellerFeeFromClaimsAtoms",
            "docs": [
              "Part of the seller's fee that its claims paid, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "fundingPerLot",
            "docs": [
              "Funding accrued before the fill, atoms per lot × 10^6; positive when longs pay."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "unfundedCovered",
      "docs": [
        "Somebody gave toward what a market left unfunded."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "donor",
            "docs": [
              "Who."
            ],
            "type": "pubkey"
          },
          {
            "name": "amountAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          },
          {
            "name": "unfundedAtoms",
            "docs": [
              "What the market leaves unfunded now, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "unstakeNoted",
      "docs": [
        "A first call noted what requested shares are worth, or a call after it lowered that."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "pool",
            "docs": [
              "The insurance fund or the backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          },
          {
            "name": "notedAtoms",
            "docs": [
              "What the requested shares are worth, atoms: the most that the second call pays."
            ],
            "type": "u64"
          },
          {
            "name": "payableFrom",
            "docs": [
              "Unix time from which the second call pays."
            ],
            "type": "i64"
          },
          {
            "name": "payableUntil",
            "docs": [
              "Unix time up to which it does."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "unstakeRequested",
      "docs": [
        "Shares were asked back, or a request was taken back (no shares)."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "pool",
            "docs": [
              "The insurance fund or the backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          },
          {
            "name": "shares",
            "docs": [
              "Shares."
            ],
            "type": "u64"
          },
          {
            "name": "valueAtoms",
            "docs": [
              "What they are worth now, atoms: the most they are paid."
            ],
            "type": "u64"
          },
          {
            "name": "redeemableAt",
            "docs": [
              "Unix time from which they are paid."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "unstaked",
      "docs": [
        "A request was paid."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "pool",
            "docs": [
              "The insurance fund or the backstop."
            ],
            "type": "pubkey"
          },
          {
            "name": "owner",
            "docs": [
              "Owner."
            ],
            "type": "pubkey"
          },
          {
            "name": "burnedShares",
            "docs": [
              "Shares given up."
            ],
            "type": "u64"
          },
          {
            "name": "paidAtoms",
            "docs": [
              "Paid, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "totalShares",
            "docs": [
              "Shares of the pool after."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "venue",
      "docs": [
        "Registration of a matching program's signer at one exchange."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "exchange",
            "docs": [
              "Exchange it is registered at."
            ],
            "type": "pubkey"
          },
          {
            "name": "signer",
            "docs": [
              "PDA of the matching program that signs fills."
            ],
            "type": "pubkey"
          },
          {
            "name": "bump",
            "docs": [
              "Bump of this account."
            ],
            "type": "u8"
          },
          {
            "name": "version",
            "docs": [
              "Version of the layout."
            ],
            "type": "u8"
          }
        ]
      }
    },
    {
      "name": "venueApproval",
      "docs": [
        "What an account lets a venue do per window. A zero limit allows nothing."
      ],
      "serialization": "bytemuck",
      "repr": {
        "kind": "c"
      },
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "venue",
            "docs": [
              "The venue's account; default = unused place."
            ],
            "type": "pubkey"
          },
          {
            "name": "maxNotionalAtoms",
            "docs": [
              "Most notional per window, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "maxCostAtoms",
            "docs": [
              "Most cost (off-mark loss + fees) per window, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "expiresAt",
            "docs": [
              "Unix time from which the approval is void."
            ],
            "type": "i64"
          },
          {
            "name": "window",
            "docs": [
              "Window (unix seconds / 86 400) of the two figures below."
            ],
            "type": "i64"
          },
          {
            "name": "usedNotionalAtoms",
            "docs": [
              "Notional used in this window, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "usedCostAtoms",
            "docs": [
              "Cost used in this window, atoms."
            ],
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "venueApprovalChanged",
      "docs": [
        "A venue was approved, or its approval revoked (limits of zero)."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "venue",
            "docs": [
              "Venue."
            ],
            "type": "pubkey"
          },
          {
            "name": "maxNotionalAtoms",
            "docs": [
              "Most notional per day, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "maxCostAtoms",
            "docs": [
              "Most cost per day, atoms."
            ],
            "type": "u64"
          },
          {
            "name": "expiresAt",
            "docs": [
              "Unix time from which it is void."
            ],
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "venueRegistered",
      "docs": [
        "A venue was registered."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "venue",
            "docs": [
              "The venue's account."
            ],
            "type": "pubkey"
          },
          {
            "name": "signer",
            "docs": [
              "The matching program's signer."
            ],
            "type": "pubkey"
          }
        ]
      }
    },
    {
      "name": "withdrawn",
      "docs": [
        "Capital went out."
      ],
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "header",
            "docs": [
              "Header."
            ],
            "type": {
              "defined": {
                "name": "eventHeader"
              }
            }
          },
          {
            "name": "account",
            "docs": [
              "Account."
            ],
            "type": "pubkey"
          },
          {
            "name": "amountAtoms",
            "docs": [
              "Atoms."
            ],
            "type": "u64"
          },
          {
            "name": "capitalAtoms",
            "docs": [
              "Capital after."
            ],
            "type": "u64"
          }
        ]
      }
    }
  ],
  "constants": [
    {
      "name": "backstopSeed",
      "docs": [
        "Seed of the backstop, followed by the exchange."
      ],
      "type": "bytes",
      "value": "[98, 97, 99, 107, 115, 116, 111, 112]"
    },
    {
      "name": "exchangeSeed",
      "docs": [
        "Seed of an exchange, followed by its creator and its id (u16, little endian)."
      ],
      "type": "bytes",
      "value": "[101, 120, 99, 104, 97, 110, 103, 101]"
    },
    {
      "name": "insuranceSeed",
      "docs": [
        "Seed of the insurance fund, followed by the exchange."
      ],
      "type": "bytes",
      "value": "[105, 110, 115, 117, 114, 97, 110, 99, 101]"
    },
    {
      "name": "macroSeed",
      "docs": [
        "Seed of the macro index, followed by the exchange."
      ],
      "type": "bytes",
      "value": "[109, 97, 99, 114, 111]"
    },
    {
      "name": "marginSeed",
      "docs": [
        "Seed of a margin account, followed by the exchange, the owner and the sub-account (u16, little endian)."
      ],
      "type": "bytes",
      "value": "[109, 97, 114, 103, 105, 110]"
    },
    {
      "name": "marketSeed",
      "docs": [
        "Seed of a market, followed by the exchange and the index (u16, little endian)."
      ],
      "type": "bytes",
      "value": "[109, 97, 114, 107, 101, 116]"
    },
    {
      "name": "paramsSeed",
      "docs": [
        "Seed of the proposal to change a market's parameters."
      ],
      "type": "bytes",
      "value": "[112, 97, 114, 97, 109, 115]"
    },
    {
      "name": "stakeSeed",
      "docs": [
        "Seed of a stake, followed by the insurance fund or the backstop, and the owner."
      ],
      "type": "bytes",
      "value": "[115, 116, 97, 107, 101]"
    },
    {
      "name": "vaultSeed",
      "docs": [
        "Seed of the vault, followed by the exchange."
      ],
      "type": "bytes",
      "value": "[118, 97, 117, 108, 116]"
    },
    {
      "name": "venueSeed",
      "docs": [
        "Seed of a venue, followed by the exchange and the signer."
      ],
      "type": "bytes",
      "value": "[118, 101, 110, 117, 101]"
    }
  ]
};
