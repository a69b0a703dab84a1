/** The answer to a request, or an error that names the file that is missing. */
export async function fetched(url) {
  let answer;
  try { answer = await fetch(url); }
  catch (e) { throw new Error(`'${name(url)}' could not be loaded (${e.message}): is there a connection?`); }
  if (!answer.ok) throw new Error(`'${name(url)}' could not be loaded: the server answers ${answer.status}`);
  return answer;
}

const name = url => String(url).split('/').pop();
