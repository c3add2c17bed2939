/**
 * For the bundler: `protocol/`, `media/` and `mesh/` do nothing by themselves, so that a page carries the schemas
 * it checks with and the tables it reads, and none of those that only servers use.
 */
export const withoutUnusedProtocol = {
  moduleSideEffects: (id) => !/[\\/](protocol|media|mesh)[\\/]src[\\/]/.test(id),
};
