/**
 * The three functions of the "reflect-metadata" proposal that tsyringe calls. @peculiar/x509 finds its own parts through tsyringe,
 * and tsyringe refuses to load until somebody provides `Reflect.getMetadata`. These few lines spare the 50 KB package and its
 * global types. A real polyfill that was loaded earlier is left alone.
 */
type MetadataReflect = typeof Reflect & {
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  getMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
};

const reflect: MetadataReflect = Reflect;

if (reflect.getMetadata === undefined) {
  const metadata = new WeakMap<object, Map<unknown, unknown>>();

  const getOwnMetadata = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);

  const getMetadata = (key: unknown, target: object): unknown => {
    for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
      if (metadata.get(at)?.has(key) === true) return getOwnMetadata(key, at);
    }
    return undefined;
  };

  const defineMetadata = (key: unknown, value: unknown, target: object): void => {
    const own = metadata.get(target) ?? new Map<unknown, unknown>();
    metadata.set(target, own.set(key, value));
  };

  Object.assign(reflect, { getOwnMetadata, getMetadata, defineMetadata });
}
