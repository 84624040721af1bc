// Runs before anything is painted: the chosen theme is a class of <html>, so that no page flashes in the other one.
(() => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => (document.cookie.match(/(?:^|; )lk_theme=(light|dark)/) || [])[1];
  const apply = () => document.documentElement.classList.toggle('lk-dark', chosen() ? chosen() === 'dark' : system.matches);
  apply();
  system.addEventListener('change', apply);
  window.lkSwitchTheme = () => {
    const next = document.documentElement.classList.contains('lk-dark') ? 'light' : 'dark';
    document.cookie = `lk_theme=${next}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
    apply();
  };
})();
