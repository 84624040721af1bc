// Fills in the visitor's time zone unless a zone was chosen already.
document.addEventListener('DOMContentLoaded', () => {
  const zone = document.querySelector('select[data-guess]');
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone.value === 'UTC' && [...zone.options].some((option) => option.value === here)) zone.value = here;
});
