/**
 * Comparisons and arithmetic on bindings, as data: a value stands for itself, and a list is an operator and what it is about. The server has the same
 * (framework/src/action/expression.rs), and its result is what counts; tests/expressions.json holds the two to each other.
 */

/** @typedef {null | boolean | number | string} Scalar */
/** @typedef {any} Expression a scalar, or a list */
/** @typedef {Record<string, Scalar>} Values by the name of the binding */

/** Longer texts are refused: joining one to itself a few times would fill the memory. */
const MAX_TEXT = 65_536;

/** @param {unknown} value @returns {number} */
function number(value) {
  if (typeof value !== 'number') throw TypeError('expected a number');
  return value;
}

/** @param {(a: number, b: number) => Scalar} apply */
const onNumbers = (apply) => (/** @type {Scalar} */ a, /** @type {Scalar} */ b) =>
  apply(number(a), number(b));

/** @type {Record<string, (a: any, b: any) => Scalar>} */
const OPERATORS = {
  __proto__: /** @type {any} */ (null),
  not: (a) => !a,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: onNumbers((a, b) => a < b),
  le: onNumbers((a, b) => a <= b),
  gt: onNumbers((a, b) => a > b),
  ge: onNumbers((a, b) => a >= b),
  add: onNumbers((a, b) => a + b),
  sub: onNumbers((a, b) => a - b),
  mul: onNumbers((a, b) => a * b),
  div: onNumbers((a, b) => a / b),
  // Of the sign of what it is divided by, so that counting down from 0 comes round.
  mod: onNumbers((a, b) => a - b * Math.floor(a / b)),
  min: onNumbers(Math.min),
  max: onNumbers(Math.max),
  round: (a) => Math.floor(number(a) + 0.5),
  join: (a, b) => `${a ?? ''}${b ?? ''}`,
};

/**
 * @param {Expression} expression
 * @param {Values} values
 * @returns {Scalar}
 * @throws when it has no value: types that don't fit, a division by nothing, a binding that is not on the page
 */
export function evaluate(expression, values) {
  if (!Array.isArray(expression)) return expression;
  const [name, a, b, c] = expression;
  const of = (/** @type {Expression} */ part) => evaluate(part, values);
  if (name === 'get') {
    if (!Object.hasOwn(values, a)) throw TypeError('unknown');
    return /** @type {Scalar} */ (values[a]);
  }
  // These look at the second part only when it counts.
  if (name === 'and') return of(a) && of(b);
  if (name === 'or') return of(a) || of(b);
  if (name === 'if') return of(of(a) ? b : c);
  const result = /** @type {any} */ (OPERATORS[name])(of(a), of(b));
  if (typeof result === 'number' && !Number.isFinite(result)) throw RangeError('not a number');
  if (typeof result === 'string' && result.length > MAX_TEXT) throw RangeError('too long');
  return result;
}
