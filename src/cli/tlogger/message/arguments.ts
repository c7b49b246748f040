/**
 * Messages out of the arguments: joined by blanks as long as they fit, then the next message.
 */

/** @param maxBytes a longer argument is a message of its own, and cut. @returns the texts, in their order */
export function* messagesOf(words: readonly string[], maxBytes: number): Generator<string> {
  let text = '';
  for (const word of words) {
    if (text !== '' && text.length + word.length > maxBytes - 1) {
      yield text;
      text = '';
    }
    if (word.length > maxBytes) yield word.slice(0, maxBytes);
    else text = text === '' ? word : `${text} ${word}`;
  }
  if (text !== '') yield text;
}
