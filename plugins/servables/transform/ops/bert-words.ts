/** What BERT takes out: NUL, the replacement character, and what Unicode calls other, but for whitespace. */
const OTHER = /[\0\ufffd]|(?![\t\n\r])\p{C}/gu;
const IDEOGRAPH =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
const MARKS = /\p{Mn}/gu;
/** Unicode's punctuation, and every sign of ASCII that is neither a letter nor a digit. */
const WORD = /[\p{P}$+<=>^`|~]|[^\s\p{P}$+<=>^`|~]+/gu;

/** Words as BERT cuts them: at whitespace, around each sign and each ideograph; lower case without accents if `lower`. */
export function bertWords(text: string, lower: boolean): readonly string[] {
  const clean = text.replace(OTHER, "").replace(IDEOGRAPH, " $& ");
  const folded = lower ? clean.normalize("NFD").replace(MARKS, "").toLowerCase() : clean;
  return folded.match(WORD) ?? [];
}
