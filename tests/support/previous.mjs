// An earlier build of the service, for tests of upgrades: $PREVIOUS_PROGRAM, which scripts/previous_program.sh makes.

import { resolve } from "node:path";
import { repositoryRoot } from "./service.mjs";

export const previousProgram = process.env.PREVIOUS_PROGRAM && resolve(repositoryRoot, process.env.PREVIOUS_PROGRAM);

/** For `test()`: why it cannot run. */
export const skipWithoutPrevious = !previousProgram && "PREVIOUS_PROGRAM names no earlier build (scripts/previous_program.sh)";
