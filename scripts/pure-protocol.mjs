/**
 * For the bundler: what is said in `protocol/` does nothing by itself, so that a page carries the schemas
 * it checks with, and none of those that only servers use.
 */
export const withoutUnusedProtocol = {
  moduleSideEffects: (id) => !/[\\/]protocol[\\/]src[\\/]/.test(id),
};
