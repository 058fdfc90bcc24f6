/** The same object, but for one method: `instead` gets the original, bound, and answers what is called in its place. */
export function withMethod<T extends object>(target: T, method: keyof T, instead: (original: (...args: readonly unknown[]) => unknown) => (...args: readonly unknown[]) => unknown): T {
  return new Proxy(target, {
    get(owner, name) {
      const value: unknown = Reflect.get(owner, name, owner);
      if (typeof value !== 'function') return value;
      const bound = (...args: readonly unknown[]): unknown => Reflect.apply(value, owner, args);
      return name === method ? instead(bound) : bound;
    },
  });
}
