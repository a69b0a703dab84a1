// Joint angles as a table for spreadsheets: the file of uplift's save_angles.

// A word of a table, in quotes where it has to be.
const word = text => /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

// A number with six decimals; nothing where there is none.
const number = x => Number.isFinite(x) ? x.toFixed(6) : '';

// Text of the table: time (s), angles (degrees), where they should not be read, contacts, and what they mean.
export function toCsv(angles) {
  const {names, T, fps, values, flags, valid, contact, convention, up} = angles, N = names.length;
  const marks = [...Object.keys(flags), 'valid'], truth = x => x ? 'True' : 'False';
  const feet = contact ? contact.names : [];
  const lines = [['time', ...names, ...marks, ...feet, 'convention', 'up'].join(',')];
  for (let t = 0; t < T; t++) {
    const row = [number(t / fps), ...Array.from(values.subarray(t * N, t * N + N), number)];
    for (const name of marks) row.push(truth((name === 'valid' ? valid : flags[name])[t]));
    if (contact) row.push(...Array.from(contact.values.subarray(4 * t, 4 * t + 4), number));
    lines.push([...row, convention, word(up)].join(','));
  }
  return lines.join('\n') + '\n';
}
