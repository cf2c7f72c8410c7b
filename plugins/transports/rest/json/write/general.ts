/**
 * What `printf("%.{precision}g")` prints for a finite number: trailing zeros dropped, an exponent of at least two
 * digits below 1e-4 and from 10^precision on.
 */
export function formatGeneral(value: number, precision: number): string {
  const [mantissa = "", power = ""] = Math.abs(value)
    .toExponential(precision - 1)
    .split("e");
  const exponent = Number(power);
  const digits = toEven(value, mantissa.replace(".", ""), exponent).replace(/0+$/, "");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (digits === "") return `${sign}0`;
  if (exponent < -4 || exponent >= precision) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/**
 * JavaScript rounds a value halfway between two decimals up, C to the even digit. Halfway means that one digit more,
 * a 5, is all of it: with q digits after the point, value * 2^q is then an odd integer.
 */
function toEven(value: number, digits: string, exponent: number): string {
  const last = Number(digits.at(-1));
  const scaled = Math.abs(value) * 2 ** (digits.length - exponent);
  const halfway = last % 2 === 1 && scaled % 2 === 1;
  return halfway ? `${digits.slice(0, -1)}${last - 1}` : digits;
}

/**
 * TensorFlow Serving's text of a finite number: six digits if they read back as the same number, else as many as its
 * type may need; `.0` is added where nothing else says that it is no integer.
 */
export function formatDecimal(value: number, digits: number, round: (value: number) => number): string {
  const six = formatGeneral(value, 6);
  const text = round(Number(six)) === value ? six : formatGeneral(value, digits);
  return text.includes(".") || text.includes("e") ? text : `${text}.0`;
}
