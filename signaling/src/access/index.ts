export * from "./access.ts";
export * from "./allowed-origins.ts";
export * from "./create-access.ts";
export * from "./http-access.ts";
export * from "./sign-token.ts";
export {
  readTokenClaims,
  TOKEN_LIFE_MAX_SEC,
  TOKEN_USES_MAX,
  type TokenClaims,
} from "./token-claims.ts";
export * from "./token-keys.ts";
export * from "./use-counter.ts";
