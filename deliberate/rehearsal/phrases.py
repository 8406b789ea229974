"""What invented members write, in French and in English. {title} and {hazard} are those of the question.

Plain spaces here; `typeset` sets the French ones.
"""

# ruff: noqa: E501 - sentences are kept whole

from collections.abc import Mapping, Sequence

from deliberate.questions.scales import RiskStatus

Lines = Mapping[str, Sequence[str]]

POSITIONS: Mapping[RiskStatus, Lines] = {
    RiskStatus.KNOWN: {
        "fr": [
            "Pour « {title} », le risque est avéré : des cas concordants sont publiés, même si leur nombre réel "
            "nous échappe.",
            "Je tiens ce risque pour établi. {hazard} : les observations se recoupent d’une source à l’autre.",
            "Le risque existe et il est documenté. Ce qui manque n’est pas la preuve qu’il survient, mais sa "
            "fréquence.",
        ],
        "en": [
            "On “{title}” the risk is established: consistent cases have been published, whatever their true "
            "number.",
            "I hold this risk to be known. {hazard}: the observations agree from one source to the next.",
            "The risk is real and documented. What we lack is not proof that it occurs, but how often.",
        ],
    },
    RiskStatus.REPORTED: {
        "fr": [
            "Le risque est rapporté par des observations isolées ; le lien avec l’acte est plausible, il n’est pas "
            "démontré.",
            "Quelques signalements décrivent ce tableau. Je les prends au sérieux sans y voir une preuve.",
            "Sur « {title} », nous avons des cas, pas d’étude. Je retiens un risque rapporté.",
        ],
        "en": [
            "The risk is reported in isolated observations; the link with the procedure is plausible, not proven.",
            "A few reports describe this picture. I take them seriously without calling them proof.",
            "On “{title}” we have cases and no study. I would call the risk reported.",
        ],
    },
    RiskStatus.POSSIBLE_NOT_OBSERVED: {
        "fr": [
            "Aucun cas ne m’est connu, mais le mécanisme est plausible et l’absence de signalement ne prouve rien.",
            "Le risque est possible. Personne ne le cherche aujourd’hui : il n’est pas étonnant qu’on ne le trouve "
            "pas.",
        ],
        "en": [
            "I know of no case, but the mechanism is plausible and the absence of reports proves nothing.",
            "The risk is possible. Nobody looks for it today, so it is no surprise that nobody finds it.",
        ],
    },
    RiskStatus.NOT_ASSESSABLE: {
        "fr": [
            "Je ne peux pas conclure sur « {title} » : ni le nombre d’actes ni celui des complications n’est connu.",
            "En l’état du dossier, ce risque n’est pas évaluable, et c’est cela qu’il faut écrire.",
        ],
        "en": [
            "I cannot conclude on “{title}”: neither the number of procedures nor that of complications is known.",
            "As the dossier stands this risk cannot be assessed, and that is what should be written.",
        ],
    },
}

REASONS: Lines = {
    "fr": [
        "La littérature du dossier se compose de cas et de petites séries, sans groupe de comparaison.",
        "Le dénominateur manque : on ignore combien de séances sont faites, par qui et où.",
        "Les injections sont multiples et répétées ; l’exposition se cumule d’une séance à l’autre.",
        "Les mélanges ne sont pas standardisés : deux actes portant le même nom peuvent n’avoir rien de commun.",
        "Dans ma pratique hospitalière, nous voyons les complications, jamais les séances qui se passent bien.",
        "Le signalement est rare : patients et praticiens y ont peu d’intérêt, et la démarche est mal connue.",
        "Le délai entre la séance et les signes peut atteindre plusieurs semaines, ce qui masque le lien.",
        "Le mécanisme est connu pour d’autres injections intradermiques ; rien n’indique qu’il en aille autrement.",
        "Le bénéfice clinique n’étant pas démontré, un risque même faible pèse davantage.",
        "L’enquête auprès des agences montre surtout l’hétérogénéité des lieux et des gestes.",
    ],
    "en": [
        "The literature in the dossier consists of cases and small series, without a comparison group.",
        "The denominator is missing: nobody knows how many sessions there are, by whom and where.",
        "The injections are multiple and repeated; exposure adds up from one session to the next.",
        "Mixtures are not standardised: two procedures of one name may have nothing in common.",
        "In hospital we see the complications and never the sessions that go well.",
        "Reporting is rare: neither patients nor practitioners gain by it, and few know how it is done.",
        "Weeks may pass between the session and the signs, which hides the link.",
        "The mechanism is known from other intradermal injections; nothing suggests that it differs here.",
        "As no clinical benefit has been shown, even a small risk weighs more.",
        "The survey of the agencies mostly shows how much places and techniques differ.",
    ],
}

CAUTIONS: Lines = {
    "fr": [
        "**Ce qui me ferait changer d’avis** : une cohorte avec un suivi d’au moins six mois.",
        "**Limite** : je n’ai pas d’expérience directe de ces actes.",
        "**À vérifier** : les déclarations reçues depuis la clôture du dossier.",
        "**Prudence** : une absence de données ne vaut pas une absence de risque.",
    ],
    "en": [
        "**What would change my mind**: a cohort followed for six months or more.",
        "**Limit**: I have no direct experience of these procedures.",
        "**To be checked**: the reports received since the dossier was closed.",
        "**Caution**: absence of data is not absence of risk.",
    ],
}

UNKNOWNS: Lines = {
    "fr": [
        "Le nombre d’actes réalisés chaque année en France.",
        "La composition réelle des mélanges injectés.",
        "Les complications tardives, que personne ne recherche.",
        "",
    ],
    "en": [
        "The number of procedures carried out each year in France.",
        "What the injected mixtures actually contain.",
        "Late complications, which nobody looks for.",
        "",
    ],
}

PASSAGES = ("p. 12", "p. 34-36", "tableau 3", "annexe 2", "section 4.1", "")

REVISIONS: Lines = {
    "fr": [
        "Après lecture des autres avis, je maintiens ma position et je précise ma limite : {caution}",
        "La discussion m’a convaincu de nuancer : le risque ne vaut que pour les actes répétés. {caution}",
    ],
    "en": [
        "Having read the others I keep my position and state its limit: {caution}",
        "The discussion leads me to qualify this: the risk concerns repeated procedures. {caution}",
    ],
}

COMMENTS: Mapping[str, Lines] = {
    "for": {
        "fr": [
            "D’accord, et l’argument du dénominateur manquant devrait ouvrir notre conclusion.",
            "Je partage cette lecture ; les cas publiés vont dans le même sens.",
        ],
        "en": [
            "Agreed; the missing denominator should open our conclusion.",
            "I read it the same way; the published cases point in that direction.",
        ],
    },
    "against": {
        "fr": [
            "Je ne suis pas : ces observations portent sur d’autres produits et une autre technique.",
            "C’est aller trop loin. Deux cas ne font pas un risque avéré.",
        ],
        "en": [
            "I disagree: these observations concern other products and another technique.",
            "This goes too far. Two cases do not make a known risk.",
        ],
    },
    "neutral": {
        "fr": ["Il faudrait distinguer les actes selon le nombre de séances avant de trancher."],
        "en": ["We should separate procedures by number of sessions before we decide."],
    },
    "question": {
        "fr": ["De quelle série s’agit-il, et quel était le délai de survenue ?"],
        "en": ["Which series is this, and how long after the session did it occur?"],
    },
}

CANNOT_JUDGE: Lines = {
    "fr": [
        "Hors de mon champ : je ne pratique pas ces injections.",
        "Le dossier ne contient aucune donnée chiffrée sur ce point.",
        "L’énoncé mêle deux situations que je ne peux pas juger ensemble.",
    ],
    "en": [
        "Outside my field: I do not perform these injections.",
        "The dossier holds no figures on this point.",
        "The statement mixes two situations that I cannot judge together.",
    ],
}

VOTE_REASONS: Mapping[str, Lines] = {
    "for": {
        "fr": ["", "", "La conclusion suit le dossier."],
        "en": ["", "The conclusion follows the dossier."],
    },
    "against": {
        "fr": ["Le texte affirme plus que ne portent les données."],
        "en": ["The text claims more than the data bear."],
    },
    "abstain": {
        "fr": ["Je n’ai pas pu assister à toute la discussion."],
        "en": ["I was not present for the whole discussion."],
    },
}

CONCLUSIONS: Mapping[RiskStatus, Lines] = {
    RiskStatus.KNOWN: {
        "fr": [
            "**Le groupe tient le risque pour avéré.** {hazard} : des cas concordants sont publiés. Leur fréquence "
            "ne peut être établie, faute de connaître le nombre d’actes. Le groupe recommande que toute personne en "
            "soit informée avant la première séance."
        ],
        "en": [
            "**The group holds the risk to be known.** {hazard}: consistent cases are published. How often it "
            "occurs cannot be established while the number of procedures is unknown. Everybody should be told of "
            "it before the first session."
        ],
    },
    RiskStatus.REPORTED: {
        "fr": [
            "**Le groupe retient un risque rapporté.** {hazard} : les observations sont isolées et le lien, "
            "plausible, n’est pas démontré. Un recueil systématique est nécessaire avant d’aller plus loin."
        ],
        "en": [
            "**The group calls the risk reported.** {hazard}: observations are isolated and the link, plausible, is "
            "not proven. Systematic reporting is needed before more can be said."
        ],
    },
    RiskStatus.POSSIBLE_NOT_OBSERVED: {
        "fr": [
            "**Le groupe juge le risque possible, sans l’avoir observé.** Le mécanisme est plausible pour « {title} » ; "
            "l’absence de signalement ne permet pas de l’écarter."
        ],
        "en": [
            "**The group calls the risk possible, not observed.** The mechanism behind “{title}” is plausible; the "
            "absence of reports does not rule it out."
        ],
    },
    RiskStatus.NOT_ASSESSABLE: {
        "fr": [
            "**Le groupe ne peut pas évaluer ce point en l’état.** Sur « {title} », ni le nombre d’actes ni celui des "
            "complications n’est connu. Dire qu’un risque n’est pas évaluable n’est pas dire qu’il est faible."
        ],
        "en": [
            "**The group cannot assess this point as things stand.** On “{title}” neither the number of procedures "
            "nor that of complications is known. Not assessable does not mean low."
        ],
    },
}

DIVERGENT: Lines = {
    "fr": [
        "Un membre estime que les observations disponibles portent sur d’autres produits et ne devraient pas fonder "
        "cette conclusion.",
        "Deux membres auraient retenu un niveau de gravité supérieur, au vu des séquelles décrites.",
        "",
        "",
    ],
    "en": [
        "One member holds that the available observations concern other products and should not carry this "
        "conclusion.",
        "Two members would have chosen a higher severity, given the sequelae described.",
        "",
        "",
    ],
}

ORGANISATIONS = (
    (
        "Fédération des praticiens de l’injection esthétique",
        "Membres : médecins qui réalisent ces actes. Cotisations, et partenariat avec deux distributeurs.",
    ),
    ("Collectif des patients d’actes esthétiques", "Association de patients. Dons et subvention publique."),
    ("Syndicat des distributeurs de produits injectables", "Organisation professionnelle de fabricants."),
    ("Société de dermatologie interventionnelle", "Société savante. Congrès soutenus par l’industrie."),
)

CONTRIBUTION_TITLES = (
    "Ce que voient nos adhérents",
    "Des actes divers sous un même nom",
    "Informer avant la première séance",
    "Pour un recueil commun des complications",
)
CONTRIBUTION = (
    "## Ce que nous savons\n\n"
    "Nos adhérents décrivent des actes très différents : deux à dix séances, de vingt à deux cents points par "
    "séance, dans des cabinets comme dans des centres. {theme}\n\n"
    "## Ce que nous ne savons pas\n\n"
    "Nous ne tenons aucun registre. Les complications nous parviennent par courrier ou par téléphone, sans suivi.\n\n"
    "## Ce que nous demandons\n\n"
    "Une information écrite remise avant la première séance, et un formulaire de signalement que chacun puisse "
    "remplir en cinq minutes."
)
MINUTES = (
    "## Déroulement\n\n"
    "{organisation} est entendue sur ces thèmes : {themes}. La personne entendue rappelle les liens de son "
    "organisation, puis répond aux questions du groupe.\n\n"
    "## Ce qui a été dit\n\n"
    "- Les séances durent de dix à vingt minutes et se répètent à intervalles d’une à quatre semaines.\n"
    "- L’organisation ne tient pas de registre des complications.\n"
    "- Elle évalue à trois cents le nombre de ses adhérents concernés.\n"
)
CORRECTION = "Nous avons dit « environ trois cent cinquante adhérents, dont trois cents en activité ». Merci de le corriger."
CORRECTION_ANSWER = (
    "Le compte rendu est corrigé : environ trois cent cinquante adhérents, dont trois cents en activité."
)

INTERESTS = (
    (
        "secondary_activities",
        "Laboratoires Orphelys (invented)",
        "Conseil scientifique, deux réunions par an",
        False,
    ),
    (
        "funded_activities",
        "Fonds Cutis (invented)",
        "Bourse de recherche versée au service hospitalier",
        False,
    ),
    ("other", "Association Peau saine (invented)", "Membre bénévole du bureau", False),
)
MAJOR_INTEREST = (
    "capital",
    "Dermalis Injectables (invented)",
    "Détient des parts du fabricant d’un des produits examinés",
    True,
)
RECUSAL_REASON = "Détient des parts du fabricant d’un produit sur lequel porte la question : lien majeur, exclusion de la question."

REVIEW_COMMENTS: Mapping[str, Lines] = {
    "blocking": {
        "fr": [
            "La conclusion ne dit pas que la fréquence est inconnue : il faut l’écrire dès la première phrase."
        ],
        "en": ["The conclusion does not say that the frequency is unknown: its first sentence must."],
    },
    "correction": {
        "fr": ["Le degré de consensus est donné sans le nombre de réponses valides."],
        "en": ["The degree of consensus is given without the number of valid answers."],
    },
    "wording": {
        "fr": ["Remplacer « peut conduire à » par « a conduit à » : des cas sont décrits."],
        "en": ["Replace “may lead to” by “has led to”: cases are described."],
    },
    "question": {
        "fr": ["Le groupe a-t-il eu connaissance de signalements postérieurs à la clôture du dossier ?"],
        "en": ["Did the group know of reports received after the dossier was closed?"],
    },
}
REVIEW_ANSWERS: Mapping[str, Lines] = {
    "accepted": {
        "fr": ["Accepté : le texte est repris en ce sens."],
        "en": ["Accepted: the text says so now."],
    },
    "modified": {
        "fr": ["Accepté en partie : la nuance est portée dans les positions divergentes."],
        "en": ["Accepted in part: the nuance stands among the divergent positions."],
    },
    "rejected": {
        "fr": ["Non retenu : le dossier ne contient rien qui le permette, ce que la section dit déjà."],
        "en": ["Not accepted: the dossier holds nothing to support it, as the section already says."],
    },
}


def typeset(text: str, language: str) -> str:
    """French spaces before high punctuation and inside guillemets."""
    if language != "fr":
        return text
    for mark in ";:!?":
        text = text.replace(f" {mark}", f"\u202f{mark}")
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")


# For an item of the reporting checklist that neither the facts nor the file of the assessment fill.
NOT_REPORTED = {
    "kind": "not_applicable",
    "text_fr": "Répétition avec des personnes inventées : ce point n’a pas d’objet.",
    "text_en": "Rehearsed with invented people: there is nothing to report here.",
}
