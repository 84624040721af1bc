// What somebody has typed and not sent yet: kept in this browser per person and lead, so that a reload, a lost connection
// or a killed server takes nothing. Sent or signed out: gone.
(() => {
  const PREFIX = 'lk.draft.';
  const key = (person, lead) => `${PREFIX}${person}.${lead}`;

  window.lkDrafts = {
    read(person, lead) {
      try {
        return JSON.parse(localStorage.getItem(key(person, lead))) || {};
      } catch {
        return {};
      }
    },
    // `draft` is {mode, …one text per mode}; without any text nothing is kept
    write(person, lead, draft) {
      const typed = Object.entries(draft).some(([name, text]) => name !== 'mode' && text);
      try {
        if (typed) localStorage.setItem(key(person, lead), JSON.stringify(draft));
        else localStorage.removeItem(key(person, lead));
        return true;
      } catch {
        return false; // the browser keeps nothing for us; the text stays in the field
      }
    },
  };

  window.addEventListener('lk:signout', () => {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  });
})();
