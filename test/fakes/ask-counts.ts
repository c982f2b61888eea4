/** Counts what is asked of ports, and the rows that they give: what a test bounds instead of a time. */
export class AskCounts {
  /** Calls so far. */
  asked = 0;
  /** Items of the lists that were given so far. */
  rows = 0;

  /** The port, counted. */
  of<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (...args: unknown[]) => this.#call(value, target, args) : value;
      },
    });
  }

  #call(method: object, target: object, args: unknown[]): unknown {
    this.asked++;
    const given: unknown = Reflect.apply(method as () => unknown, target, args);
    if (Array.isArray(given)) this.rows += given.length;
    return given;
  }
}
