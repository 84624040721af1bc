// Puts a text on the clipboard, also where the page came over plain http and the browser offers no clipboard to scripts. True when it is there.
window.lk.copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true });
    field.style.cssText = 'position:fixed;opacity:0';
    document.body.append(field);
    field.select();
    const taken = document.execCommand('copy');
    field.remove();
    return taken;
  }
};
