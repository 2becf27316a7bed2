"""What the preference centre says, in the languages that our pages speak (``engine.api.pages``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from engine.api.pages import language_of

__all__ = ["PreferenceWords", "preference_words_for"]


class PreferenceWords(NamedTuple):
    """The texts of one language. ``{name}`` is the sender's project, ``{date}`` a day, ``{n}`` a
    number.
    """

    language: str
    title: str
    heading: str
    explanation: str
    saved: str
    left: str
    channels: Mapping[str, str]
    often: str
    at_most: str
    no_limit: str
    one: str
    several: str
    none: str
    pause: str
    nothing_for: str
    no_pause: str
    pauses: Mapping[str, str]
    still: str
    resume: str
    save: str
    everything: str
    everything_means: str
    everything_button: str
    nothing: str
    not_read: str
    not_read_hint: str
    busy: str
    busy_hint: str


_WORDS: Mapping[str, PreferenceWords] = MappingProxyType(
    {
        words.language: words
        for words in (
            PreferenceWords(
                "en",
                "Your messages",
                "What would you like to get from {name}?",
                "Messages that we owe you, such as the confirmation of an order, come in any case.",
                "Saved. This is how it stands now.",
                "You will get none of these messages any more. You can choose again here.",
                {
                    "email": "E-mail",
                    "push": "Notifications on your device",
                    "sms": "Text messages",
                    "whatsapp": "WhatsApp",
                },
                "How often",
                "At most, of all of these together",
                "as many as there are",
                "1 message a week",
                "{n} messages a week",
                "none",
                "A break",
                "Pause these messages",
                "no break",
                {
                    "1 week": "for a week, until {date}",
                    "1 month": "for a month, until {date}",
                    "3 months": "for three months, until {date}",
                },
                "until {date}",
                "end the break now",
                "Save",
                "None of these any more",
                "All of the messages above, on every channel.",
                "Unsubscribe from everything",
                "There is nothing to choose at the moment.",
                "This could not be read.",
                "Please go back, load the page again and try once more.",
                "This does not work just now.",
                "Please go back and try again in a few minutes.",
            ),
            PreferenceWords(
                "de",
                "Ihre Nachrichten",
                "Was möchten Sie von {name} bekommen?",
                "Was wir Ihnen schulden, etwa die Bestätigung einer Bestellung, kommt auf jeden"
                " Fall.",
                "Gespeichert. So ist es jetzt eingestellt.",
                "Sie bekommen keine dieser Nachrichten mehr. Hier können Sie wieder auswählen.",
                {
                    "email": "E-Mail",
                    "push": "Mitteilungen auf Ihrem Gerät",
                    "sms": "SMS",
                    "whatsapp": "WhatsApp",
                },
                "Wie oft",
                "Höchstens, alle zusammen",
                "so viele, wie es gibt",
                "1 Nachricht pro Woche",
                "{n} Nachrichten pro Woche",
                "keine",
                "Eine Pause",
                "Diese Nachrichten anhalten",
                "keine Pause",
                {
                    "1 week": "eine Woche lang, bis {date}",
                    "1 month": "einen Monat lang, bis {date}",
                    "3 months": "drei Monate lang, bis {date}",
                },
                "bis {date}",
                "die Pause jetzt beenden",
                "Speichern",
                "Nichts mehr davon",
                "Alle Nachrichten von oben, auf allen Wegen.",
                "Von allem abmelden",
                "Zurzeit gibt es nichts auszuwählen.",
                "Das konnte nicht gelesen werden.",
                "Bitte gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.",
                "Das geht gerade nicht.",
                "Bitte gehen Sie zurück und versuchen Sie es in einigen Minuten noch einmal.",
            ),
            PreferenceWords(
                "fr",
                "Vos messages",
                "Que souhaitez-vous recevoir de {name}\u00a0?",
                "Ce que nous vous devons, comme la confirmation d'une commande, vous parvient dans"
                " tous les cas.",
                "C'est enregistré. Voici vos choix actuels.",
                "Vous ne recevrez plus aucun de ces messages. Vous pouvez de nouveau choisir ici.",
                {
                    "email": "E-mail",
                    "push": "Notifications sur votre appareil",
                    "sms": "SMS",
                    "whatsapp": "WhatsApp",
                },
                "À quel rythme",
                "Au plus, tous ensemble",
                "autant qu'il y en a",
                "1 message par semaine",
                "{n} messages par semaine",
                "aucun",
                "Une pause",
                "Suspendre ces messages",
                "pas de pause",
                {
                    "1 week": "pendant une semaine, jusqu'au {date}",
                    "1 month": "pendant un mois, jusqu'au {date}",
                    "3 months": "pendant trois mois, jusqu'au {date}",
                },
                "jusqu'au {date}",
                "mettre fin à la pause",
                "Enregistrer",
                "Plus rien de tout cela",
                "Tous les messages ci-dessus, par tous les moyens.",
                "Me désabonner de tout",
                "Il n'y a rien à choisir pour le moment.",
                "Ce formulaire n'a pas pu être lu.",
                "Veuillez revenir en arrière, recharger la page et réessayer.",
                "Ce n'est pas possible pour l'instant.",
                "Veuillez revenir en arrière et réessayer dans quelques minutes.",
            ),
        )
    }
)


def preference_words_for(wishes: Sequence[object]) -> PreferenceWords:
    """The texts of the first language wished for that we have; English otherwise."""
    return _WORDS[language_of(wishes)]
