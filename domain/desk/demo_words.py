"""The words of the sample week: an invented window-tinting shop, its services and prices, and the people who ask. Nobody in it exists."""

COMPANY = 'Brightwater Tint'
PLACES = ('Riverside', 'Old Mill', 'Eastgate')
MAIL = 'brightwater.example.com'

# First name, last name, role.
PEOPLE = (('Ines', 'Navarro', 'owner'), ('Dev', 'Kapoor', 'manager'), ('Rosa', 'Silva', 'agent'), ('Theo', 'Lind', 'agent'))

# What the shop does, and from what price in dollars.
SERVICES = (
    ('Full sedan, dyed film', 189),
    ('Full sedan, carbon film', 279),
    ('Full sedan, ceramic film', 449),
    ('Full SUV, carbon film', 349),
    ('Full SUV, ceramic film', 549),
    ('Full truck, carbon film', 329),
    ('Full truck, ceramic film', 519),
    ('Front two windows', 99),
    ('Rear five windows', 229),
    ('Windshield, clear ceramic', 219),
    ('Windshield sun strip', 49),
    ('Panoramic roof film', 259),
    ('Tesla Model 3 and Y, ceramic', 589),
    ('Fleet van, per van', 259),
    ('Old film removal', 120),
    ('Headlight and tail-light film', 110),
    ('Paint protection, front kit', 899),
    ('Paint protection, full front', 1890),
    ('Ceramic coating, one year', 590),
    ('Home windows, per square metre', 62),
    ('Office sun control, per square metre', 54),
    ('Privacy frost for glass doors', 75),
    ('Security film for shop fronts', 96),
)
VEHICLES = (
    (2021, 'Toyota', 'Camry'),
    (2023, 'Honda', 'CR-V'),
    (2020, 'Ford', 'F-150'),
    (2024, 'Tesla', 'Model Y'),
    (2019, 'Mazda', '3'),
    (2022, 'Subaru', 'Outback'),
    (2018, 'Jeep', 'Wrangler'),
    (2023, 'Hyundai', 'Ioniq 5'),
    (2021, 'Volkswagen', 'Golf'),
    (2022, 'BMW', 'X3'),
    (2017, 'Chevrolet', 'Silverado'),
    (2024, 'Kia', 'EV6'),
)
HOMES = (
    ('EG-204', 'Mill Lane 14, two-bedroom flat'),
    ('EG-211', 'Harbour View 3, top floor'),
    ('EG-219', 'Orchard Close 8, terraced house'),
    ('EG-233', 'Station Road 41, studio'),
    ('EG-240', 'Kingfisher Row 2, garden flat'),
)
FIRST = (
    *('Ada', 'Amara', 'Anders', 'Beatriz', 'Björn', 'Camille', 'Carlos', 'Chiara', 'Daniel', 'Elena', 'Emeka', 'Farah', 'Grace', 'Hana'),
    *('Hugo', 'Ingrid', 'Isaac', 'Jonas', 'Joyce', 'Kai', 'Lena', 'Leo', 'Lucía', 'Malik', 'Marta', 'Mateo', 'Mei', 'Mira', 'Nadia'),
    *('Noah', 'Omar', 'Paula', 'Priya', 'Quentin', 'Rafael', 'Ruth', 'Samuel', 'Sofia', 'Tariq', 'Tess', 'Tomasz', 'Uma', 'Viktor', 'Wen'),
    *('Yara', 'Zofia'),
)
LAST = (
    *('Abara', 'Adler', 'Baptiste', 'Becker', 'Brandt', 'Castro', 'Chou', 'Costa', 'Darby', 'Dvorak', 'Eriksen', 'Fischer', 'Fontaine'),
    *('Gallo', 'Haddad', 'Hale', 'Ibarra', 'Jansen', 'Kaya', 'Kim', 'Kowalski', 'Lindqvist', 'Marino', 'Mbeki', 'Moreau', 'Novak', 'Okoro'),
    *('Park', 'Petrova', 'Quinn', 'Raman', 'Rossi', 'Sato', 'Schulz', 'Tanaka', 'Torres', 'Vance', 'Weiss', 'Whitmore', 'Wilk', 'Yilmaz'),
)
HOT = (
    'Can I book {service} for my {vehicle} today or tomorrow? I saw it starts at ${price}.',
    'I need a quote for {service} this week, the car is a {vehicle}. When is your next free slot?',
    'Looking to book {service} asap. What does it cost for a {vehicle}, and how long does it take?',
    'My {vehicle} is a rental from Friday on, so: is an appointment for {service} possible before Friday?',
)
WARM = (
    'How much is {service} for a {vehicle}? Your page says from ${price}.',
    'Could you send me a quote for {service}? It is a {vehicle}.',
    'What is the difference between carbon and ceramic, and the price of {service}?',
    'Is {service} available at {place} on Saturdays?',
)
COLD = (
    'Just comparing, roughly what do people pay for tint on a {vehicle}?',
    'Do you give a warranty on the film? Mine started to bubble after two summers.',
    'Which shade is legal for the front windows here?',
    'No hurry, thinking about {service} next spring.',
)
HOME = (
    'Is this still available? I could come for a viewing this week.',
    'What is the price with the bay windows tinted? They face south.',
    'Could you call me about a visit on Saturday morning?',
)
MORE = (
    'One more question: do you also remove the old film first?',
    'Any news? I would really like to book this week.',
    'Sorry, wrong number before. This one reaches me today.',
    'My neighbour wants the same for her car, is there a price for two?',
)
REPLIES = (
    'Hello {first}, thanks for writing. {service} starts at ${price}; we have a bay free tomorrow at 10:00 or on Thursday at 14:30. '
    'Which one suits you?\n\n{agent}\nBrightwater Tint, {place}',
    'Hello {first}, happy to help. For this we would need about three hours; the price is from ${price}. Shall I keep a slot for you?'
    '\n\n{agent}\nBrightwater Tint, {place}',
    'Hello {first}, yes, we do that at {place}. The film has a ten-year warranty and the price starts at ${price}. '
    'A photo of the car helps us to be exact.\n\n{agent}\nBrightwater Tint, {place}',
)
NOTES = (
    'Wants the darkest legal shade, called it "limo black". Explained the front window rule.',
    'Prefers to be called after 17:00.',
    'Got a quote of $40 less elsewhere, but likes the warranty.',
    'Came by to look at the film samples; took the ceramic brochure.',
    'Old film must come off first: plan an extra hour.',
)
LOST = ('Chose a cheaper shop', 'No answer after three tries', 'Sold the car', 'Too far away', 'Only wanted to know the legal shade')
TAGS = ('fleet', 'returning', 'warranty', 'photo sent', 'weekend')
CAMPAIGNS: tuple[dict[str, str], ...] = (
    {
        'utmSource': 'google',
        'utmMedium': 'cpc',
        'utmCampaign': 'fall-ceramic',
        'landingPage': '/services/ceramic',
        'device': 'iPhone, Safari',
    },
    {'utmSource': 'instagram', 'utmMedium': 'social', 'utmCampaign': 'before-after', 'landingPage': '/', 'device': 'Android, Chrome'},
    {'referrer': 'https://www.example.org/best-tint', 'landingPage': '/prices', 'device': 'Windows, Firefox'},
    {},
)
# What came in and could not be understood: route, body, field and what was wrong with it.
BROKEN = (
    ('contact', {'name': 'Walter', 'email': 'walter(at)example', 'message': 'Price for two vans?'}, 'email', 'is not an e-mail address'),
    ('contact', {'name': 'Lea Brandt', 'message': 'Please call me about the office windows'}, 'email', 'is missing, and so is phone'),
    ('chatbot', {'name': 'guest', 'phone': '55', 'message': 'hi do u do roofs'}, 'phone', 'has fewer than six digits'),
)
