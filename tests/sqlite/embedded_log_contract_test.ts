/** The embedded log keeps every contract of a log. */
import { deadLettersContract } from "../contracts/dead_letters_contract.ts";
import { producerContract } from "../contracts/producer_contract.ts";
import { sourceContract } from "../contracts/source_contract.ts";
import { makeLogWorld } from "./log_world.ts";

sourceContract("EmbeddedLog", makeLogWorld);
producerContract("EmbeddedLog", makeLogWorld);
deadLettersContract("EmbeddedLog", makeLogWorld);
