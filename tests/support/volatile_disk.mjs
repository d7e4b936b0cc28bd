// A disk that forgets what was not synced, for programs that run on it: tests/process/volatile_disk.
import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot, temporaryFolder } from "./service.mjs";

const library = process.env.VOLATILE_DISK ?? join(repositoryRoot, "build/release/libvolatile-disk.so");

function empty(folder) {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}

export class VolatileDisk {
  #random;
  #platter;
  #nameless;
  #steps;

  /** `env` is for programs on the disk; `early`: how likely a write arrives before it is synced. */
  constructor(t, { random, early }) {
    const disk = temporaryFolder(t);
    this.#random = random;
    [this.#platter, this.#nameless, this.folder] = ["platter", "platter.nameless", "folder"].map((name) => join(disk, name));
    for (const path of [this.#platter, this.#nameless, this.folder]) mkdirSync(path);
    this.#steps = join(disk, "steps");
    this.env = { LD_PRELOAD: library, VOLATILE_DISK_FOLDER: this.folder, VOLATILE_DISK_PLATTER: this.#platter, VOLATILE_DISK_EARLY: early };
    this.#reseed();
  }

  #reseed() {
    this.env.VOLATILE_DISK_SEED = Math.floor(2 ** 32 * this.#random());
  }

  /** Before any program runs. */
  makeFolder(name) {
    for (const disk of [this.folder, this.#platter]) mkdirSync(join(disk, name));
    return join(this.folder, name);
  }

  /** Once the program is dead: leaves what has reached the disk. */
  cutPower() {
    empty(this.folder);
    empty(this.#nameless);
    cpSync(this.#platter, this.folder, { recursive: true });
    this.#reseed();
  }

  /** Once the program is dead: an empty disk. */
  clear() {
    for (const path of [this.#platter, this.#nameless, this.folder]) empty(path);
  }

  /** The next program counts its steps in this folder of the disk, and dies before the step `cutAt`, if it is given. */
  watch(folder, cutAt = 0) {
    Object.assign(this.env, { VOLATILE_DISK_WATCH: folder, VOLATILE_DISK_STEPS: this.#steps, VOLATILE_DISK_CUT_AT: cutAt });
    rmSync(this.#steps, { force: true });
  }

  /** Since watch(). */
  get steps() {
    return statSync(this.#steps, { throwIfNoEntry: false })?.size ?? 0;
  }
}
