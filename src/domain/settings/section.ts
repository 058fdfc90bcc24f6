import type { Limits } from '../limits.js';
import type { Violation } from '../violation.js';

/** What a section may look at when a new value of it is judged. */
export interface SettingsGround {
  /** The limits of the deployment, which a repository can only narrow. */
  readonly limits: Limits;
}

/** What is wrong with a value: where in it (`''` for the whole, otherwise `.member` or `[3].member`), and the rule. */
export interface SectionFault {
  readonly at: string;
  readonly violation: Violation;
}

/** One section of the settings of a repository: a value that is set as a whole. Values are plain JSON. */
export interface SettingsSection<Value> {
  /** What holds for a repository that has never set it. */
  readonly fallback: Value;
  /**
   * The value out of what a client sent or an earlier version stored: members that are missing, null or of another type take their
   * default, unknown ones are left out. Never throws.
   */
  read(given: unknown): Value;
  /** The first rule that a value to be stored breaks; null when it may be stored. What is stored already is not judged again. */
  fault(value: Value, ground: SettingsGround): SectionFault | null;
}

/** The member of something that may be no object; undefined when there is none. */
export function memberOf(given: unknown, name: string): unknown {
  return typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined;
}
