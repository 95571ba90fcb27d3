/** Close codes that mean more than that the connection is lost. */
/** No close code of a server's: the connection was lost. */
export const LOST = 1006;
export const TOO_LARGE = 1009;
export const MALFORMED = 4400;
export const NO_SESSION = 4404;
export const TAKEN_OVER = 4409;
export const OTHER_VERSION = 4426;
