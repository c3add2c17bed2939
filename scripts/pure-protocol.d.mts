export const withoutUnusedProtocol: { moduleSideEffects: (id: string) => boolean };
