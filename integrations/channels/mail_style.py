"""How a notification looks in a mail program: its colours, light and dark, and the page around its words."""

from string import Template

# By quality: colours that keep their contrast on a light ground and on a dark one.
CHIPS = {
    'hot': 'background:#be2a1c;color:#ffffff',
    'warm': 'background:#8f5406;color:#ffffff',
    'cold': 'background:#53544d;color:#ffffff',
}

_LIGHT = """
  body, .ground { background: #f4f4f1; }
  .card { background: #ffffff; border: 1px solid #e6e6e1; }
  .card, h1, td, .words { color: #1a1b18; }
  .quality, th, .more { color: #53544d; }
  .origin { color: #6a6b63; }
  .soon { color: #be2a1c; }
  .words { background: #fafaf8; border-left: 3px solid #d4d4cd; }
  .mark { background: #fbf0da; color: #8f5406; border: 1px solid #ebd3a4; }
  a { color: #3348d4; }
  a.button { background: #1a1b18; color: #ffffff; }
"""

_DARK = """
  body, .ground { background: #0d0e10 !important; }
  .card { background: #141517 !important; border-color: #25272b !important; }
  .card, h1, td, .words { color: #ecece8 !important; }
  .quality, th, .more { color: #a8a9a4 !important; }
  .origin { color: #8d8e89 !important; }
  .soon { color: #ff8373 !important; }
  .words { background: #18191c !important; border-left-color: #363940 !important; }
  .mark { background: #2d2110 !important; color: #f0b55f !important; border-color: #4d3917 !important; }
  a { color: #8e9dff !important; }
  a.button { background: #ecece8 !important; color: #141517 !important; }
"""

_SHAPES = """
  body { margin: 0; padding: 0; width: 100%; -webkit-text-size-adjust: 100%; }
  body, table, td, th { font-family: -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
  .preview { display: none; max-height: 0; overflow: hidden; }
  .ground { padding: 24px 12px; }
  .frame { width: 100%; max-width: 600px; margin: 0 auto; }
  .card { border-radius: 10px; padding: 24px; font-size: 16px; line-height: 1.5; overflow-wrap: anywhere; word-break: break-word; }
  h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3; font-weight: 600; }
  p { margin: 0 0 12px; }
  .mark { padding: 8px 12px; border-radius: 7px; font-size: 15px; }
  .chip { display: inline-block; padding: 1px 9px; margin-right: 4px; border-radius: 10px; font-size: 14px; font-weight: 600; }
  .due { font-weight: 600; }
  .words { margin: 0 0 20px; padding: 10px 14px; border-radius: 0 7px 7px 0; }
  .ours { margin-bottom: 20px; }
  .more { margin: -8px 0 20px; font-size: 14px; }
  .facts { width: 100%; border-collapse: collapse; margin: 0 0 16px; }
  .facts th, .facts td { padding: 4px 0; text-align: left; vertical-align: top; font-size: 16px; line-height: 1.5; }
  .facts th { width: 68px; padding-right: 12px; font-weight: 400; }
  .act { margin: 0; }
  a.button { display: inline-block; padding: 12px 22px; border-radius: 8px; font-weight: 600; text-decoration: none; }
  .origin { padding: 14px 25px 0; font-size: 13px; line-height: 1.6; overflow-wrap: anywhere; word-break: break-word; }
  @media (max-width: 480px) {
    .ground { padding: 12px 8px; }
    .card { padding: 18px 16px; }
    .act, a.button { display: block; text-align: center; }
    .facts th, .facts td { padding-top: 7px; padding-bottom: 7px; }
    .origin { padding: 12px 17px 0; }
  }
"""

PAGE = Template(f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>$title</title>
<style>
  :root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
{_SHAPES.strip(chr(10))}
{_LIGHT.strip(chr(10))}
  @media (prefers-color-scheme: dark) {{
{_DARK.strip(chr(10))}
  }}
</style>
</head>
<body>
<div class="preview">$preview</div>
<div class="ground" role="article" aria-label="$title" lang="en">
<div class="frame">
<div class="card">
$marks
<h1 dir="auto">$title</h1>
$quality
$due
$facts
$words
$button
</div>
<div class="origin">$origin</div>
</div>
</div>
</body>
</html>
""")
