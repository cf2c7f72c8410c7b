import { defineServable, tensor, texts } from "salver";

const isPalindrome = (text: string): boolean => {
  const letters = text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return letters === [...letters].reverse().join("");
};

export default defineServable({
  type: "palindrome",
  description: "Says of each text whether it reads the same backwards.",
  inputs: { text: { dtype: "string", shape: [-1] } },
  outputs: { palindrome: { dtype: "bool", shape: [-1] } },
  run: ({ text }) => ({
    palindrome: tensor(
      "bool",
      text!.shape,
      Uint8Array.from(texts(text!), (t) => +isPalindrome(t)),
    ),
  }),
});
