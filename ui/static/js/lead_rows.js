// Which leads the list shows, in what order, and what it says when there are none. Pure: the list hands in what it holds.
(() => {
  const GROUPS = [
    ['needs_reply', 'Needs a first reply'],
    ['in_conversation', 'In conversation'],
    ['snoozed', 'Snoozed'],
    ['closed', 'Closed'],
  ];
  const ORDER = {
    needs_reply: (a, b) => (a.due ?? Infinity) - (b.due ?? Infinity) || b.at - a.at,
    other: (a, b) => b.at - a.at,
  };

  window.lkRows = {
    NOTHING: { qualities: [], locations: [], unread: false },

    // The rows of the first paint, as ui/presenters/inbox.py packed them.
    unpack(text) {
      if (!text) return [];
      const { names, pips, rows } = JSON.parse(text);
      const field = (name, value) => [name, name === 'pips' ? value.map((n) => pips[n]) : value];
      return rows.map((row) => Object.fromEntries(names.map((name, n) => field(name, row[n]))));
    },

    // The same rule as the server's: a row that arrives later is judged here.
    shown(rows, tab, me, { qualities, locations, unread }) {
      return rows.filter(
        (row) =>
          (tab !== 'mine' || row.ownerId === me) &&
          (tab !== 'unassigned' || !row.ownerId) &&
          (!qualities.length || qualities.includes(row.quality)) &&
          (!locations.length || locations.includes(row.location)) &&
          (!unread || row.unread),
      );
    },

    // Heads and rows in the order of the list; closed ones are folded unless there is nothing else.
    items(shown, { query, rest, unfolded }) {
      if (query) return shown.length ? [{ head: 'Found', count: shown.length }, ...shown] : [];
      const out = [];
      for (const [group, head] of GROUPS) {
        const rows = shown.filter((row) => row.group === group).sort(ORDER[group] || ORDER.other);
        if (!rows.length) continue;
        const fold = group === 'closed' && rows.length < shown.length;
        out.push({ head, fold, count: rows.length + (rest ? '+' : '') });
        if (!fold || unfolded) out.push(...rows);
      }
      if (rest && out.length) out.push({ bone: 'bone-1' }, { bone: 'bone-2' });
      return out;
    },

    nothing(query, tab, narrowed) {
      if (query) return { icon: 'search', head: `Nothing matches “${query}”`, text: 'Try fewer words, or the last digits of a phone number.', all: true };
      const on = narrowed + (tab === 'all' ? 0 : 1);
      if (narrowed) return { icon: 'list-filter', head: 'Nothing matches the filter', text: `${on} ${on === 1 ? 'filter is' : 'filters are'} on.`, clear: 'Clear filters' };
      if (tab === 'unassigned') return { icon: 'check-check', head: 'Every lead has an owner', text: 'One filter is on.', clear: 'Show all' };
      if (tab === 'mine') return { icon: 'inbox', head: 'Nothing is assigned to you', text: 'One filter is on.', clear: 'Show all' };
      return { icon: 'globe', head: 'No leads yet', text: 'New leads show up here the moment they are stored.' };
    },

    // The marked leads after one more: alone, or with all between it and the last one.
    marked(had, ids, id, anchor, extend) {
      const next = new Set(had);
      if (extend && ids.includes(anchor)) {
        const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)].sort((a, b) => a - b);
        for (const each of ids.slice(from, to + 1)) next.add(each);
      } else if (!next.delete(id)) next.add(id);
      return new Set([...next].slice(0, 200));
    },
  };
})();
