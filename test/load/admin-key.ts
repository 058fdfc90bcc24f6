/** The key of the driver, and the first admin key of its gateways. */
export const ADMIN_KEY = `weir_${'L'.repeat(12)}_${'o'.repeat(43)}`;
