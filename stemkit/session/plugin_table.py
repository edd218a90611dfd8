"""The plug-ins that stemkit knows by name.

Each line holds a kind and patterns, set apart by semicolons. Lines are tried in order, so the special stands before
the general. A pattern is matched as whole words at the start of ``name / maker`` in plain lower case (see
`plugins.normalise`), behind the maker's name where the plug-in carries it there; never inside a name, where short
names would hit common words. The names are the makers' public product names. To add one: the name as REAPER shows
it, and a row in `tests/session/test_plugins.py`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, cast

__all__ = ["Category", "js_paths", "names"]

Category = Literal[
    "limiter",
    "maximizer",
    "compressor",
    "clipper",
    "eq",
    "multiband",
    "saturation",
    "reverb",
    "delay",
    "modulation",
    "amp",
    "distortion",
    "vocoder",
    "tuning",
    "gate",
    "deesser",
    "meter",
    "instrument",
    "utility",
    "restoration",
    "other",
]

# REAPER's own effects, by the names it ships them under.
_COCKOS = r"""
limiter: realimit
compressor: reacomp
multiband: reaxcomp
eq: reaeq ; reafir
reverb: reaverb(?:ate)?
delay: readelay
gate: reagate
tuning: reatune
modulation: reapitch
vocoder: reavocode(?:r)?
utility: reastream ; reainsert ; reasurround(?:pan)? ; reacontrolmidi ; reavoice ; reacast ; reanpan ; realearn
instrument: reasamplo(?:matic)?(?:5000)? ; reasynth ; reasyndr
"""
_FABFILTER = r"""
limiter: pro l(?: ?2)?
multiband: pro mb
compressor: pro c(?: ?[23])?
eq: pro q(?: ?[234])? ; (?:simplon|micro|volcano)(?: [23])?
reverb: pro r(?: ?2)?
deesser: pro ds
gate: pro g
saturation: saturn(?: ?2)?
delay: timeless(?: ?[23])?
instrument: (?:twin|one)(?: ?[23])?(?= / fabfilter)
"""
_WAVES = r"""
limiter: l[12](?: ?(?:limiter|ultramaximizer\+?))?(?: stereo| mono)?(?= / waves|$)
maximizer: l3 (?:ll )?(?:multi|ultra)\w* ; l3 16 ; l316 ; l3(?: ll)?(?: stereo| mono)?(?= / waves|$) ; bass ?slapper
maximizer: loudness ?maximizer ; l4 ultramaximizer ; mv2 ; maxxvolume
compressor: ssl g ?master ?(?:buss?)?(?: ?comp\w*)? ; ssl ?g?comp\w* ; cla ?(?:76|2a|3a) ; api ?2500 ; h ?comp
compressor: pu ?child ; (?:renaissance|r) ?(?:comp\w*|vox|axx) ; c1(?: comp\w*)? ; v ?comp ; db ?x ?160 ; magma
multiband: c[46] ; lin ?(?:ear phase )?mb ; linear phase multiband
eq: ssl ?(?:e|g) ?(?:eq|channel) ; (?:renaissance|r) ?eq(?: ?[246])? ; q(?:10|[1-8]) ; f6 ; h ?eq ; v ?eq ?[34]
eq: api ?5[56]0 ; pu ?tech ; puig ?tec ; lin ?eq ; scheps 73 ; omni channel
deesser: (?:renaissance|r) ?de ?esser ; sibilance
saturation: j37 ; kramer (?:master )?tape ; aphex vintage ; abbey road saturator ; nls(?: channel| buss)? ; vitamin
saturation: maxx ?bass ; (?:renaissance|r) ?bass
reverb: h ?reverb ; (?:renaissance|r) ?verb ; ir ?[1l] ; true ?verb ; abbey road (?:plates|chambers)
reverb: manny maroon reverb
delay: h ?delay ; super ?tap ; manny maroon delay ; abbey road studio 3
modulation: meta ?flanger ; mondo ?mod ; enigma ; (?:abbey road )?reel adt ; kaleidoscopes ; sound ?shifter
modulation: ultra ?pitch ; doubler[24]? ; brauer motion
tuning: waves tune(?: real time| lt)? ; tune real ?time
amp: gtr3?(?: amp| stomp\w*| tool ?rack)?(?: stereo| mono)?(?= / waves|$) ; prs supermodels
distortion: lo ?fi lab ; berzerk ; magma bb tubes
vocoder: morphoder ; ovox
meter: paz(?: \w+)* ; wlm(?: plus| meter)? ; vu meter ; dorrough ; tuner
restoration: z noise ; x (?:noise|hum|click|crackle) ; ns1 ; clarity vx(?: \w+)? ; wns
utility: vocal rider ; bass rider ; s1(?: (?:imager|shuffler|ms matrix))?(?: stereo| mono)?(?= / waves|$)
utility: studio ?rack ; in ?phase ; center(?= / waves)
"""
_IZOTOPE = r"""
limiter: ozone(?: \w+)* vintage limiter
compressor: ozone(?: \w+)* (?:vintage compressor|dynamics|impact)
restoration: ozone(?: \w+)* unlimiter ; rx ?\d*(?: \w+)* ; (?:voice|spectral) de noise ; de ?rustle
eq: ozone(?: \w+)* (?:equali[sz]er|dynamic eq|match eq|vintage eq|stabilizer|clarity|spectral shaper|bass control)
eq: ozone(?: \w+)* (?:low end focus|master rebalance)
saturation: ozone(?: \w+)* (?:exciter|vintage tape)
utility: ozone(?: \w+)* imager(?: 2)?
maximizer: ozone(?: \w+)*
meter: insight(?: ?2)? ; tonal balance control(?: 2)?
compressor: neutron(?: \w+)* (?:compressor|transient shaper|sculptor)
eq: neutron(?: \w+)* (?:equalizer|unmask) ; (?:neutron|nectar)(?: \w+)* ; alloy 2
reverb: r4(?= / (?:izotope|exponential)) ; nimbus ; phoenixverb ; phoenix stereo ; symphony ; neoverb
reverb: aurora(?= / izotope)
distortion: trash(?: ?2)?
delay: ddly ; cascadia ; dynamic delay
vocoder: vocal ?synth(?: ?2)?
instrument: iris ?2?(?= / izotope) ; break ?tweaker
modulation: stutter ?edit(?: ?2)?
saturation: vinyl(?= /|$)
"""
# What often sits on a mix bus.
_MASTERING = r"""
limiter: (?:tdr )?limiter 6 ; limiter ?no ?6 ; w1 limiter ; loud ?max ; yohng ; frontier ; barricade
limiter: invisible limiter ; elephant ; (?:uadx? )?precision limiter ; stealth limiter ; weiss (?:mm 1|ds1|deess)
limiter: oxford limiter ; smart ?limit ; sonible limit ; bx limiter(?: true peak)? ; (?:dmg )?limitless
limiter: newfangled elevate ; elevate(?= / (?:newfangled|eventide)) ; event ?horizon\+? ; mga js ?limiter
limiter: adaptive limiter(?: 2)? ; brickwall limiter ; unlimited(?= / |$) ; \w*truepeak\w* ; finality ; l1 ultra
maximizer: oxford inflator ; jst clip ; (?:oxford )?inflator ; maxwell ; (?:uadx? )?precision maximizer
maximizer: godparticle ; the god particle ; ultra ?max ; gullfoss master ; bx masterdesk ; masterdesk(?: \w+)*
maximizer: spl iron ; t racks(?: \w+)* (?:brickwall|stealth) limiter ; bettermaker mastering
clipper: standard ?clip ; k ?clip(?: ?\d| zero)? ; gclip ; free ?clip(?: ?2)? ; bx clipper
clipper: (?:vladgsound )?saturn clip ; orange clip ; big ?clipper ; event horizon clipper
clipper: t racks(?: \w+)* classic clipper ; sir ?standardclip
compressor: kotelnikov(?: ge)? ; molot(?: ge)? ; (?:uadx? )?(?:api 2500|fairchild 6[67]0|shadow hills(?: \w+)*)
compressor: vertigo vsc ?2 ; shadow hills mastering(?: \w+)* ; weiss compressor \w* ; drawmer s?73 ; bus processor
compressor: the glue ; cytomic glue ; presswerk ; dc8c(?: ?\d)?
compressor: (?:uadx? )?(?:1176\w*|la ?[23]a?|teletronix la ?2a\w*|distressor|empirical labs \w+|manley variable mu)
compressor: townhouse ; vari ?mu ; (?:lindell )?(?:7x 500|254e) ; elysia (?:alpha|mpressor)\w* ; mpressor
compressor: alpha (?:compressor|master) ; amek mastering compressor ; obsidian ; novacomp ; dyn ?one
compressor: spl (?:attacker|transient)\w* ; transient (?:designer|master|shaper) ; oxford dynamics
compressor: oxford transmod\w* ; black box analog design hg ?2(?:ms)?(?: compressor) ; classic compressor
compressor: density mk ?iii ; thrillseeker (?:vbl|lac|xtc) ; dead ?simple ?compressor ; rough ?rider(?: \d)? ; ott
compressor: smart ?comp ; mjuc(?: jr)? ; vladg\w* molot ; bus ?driver ; sausage fattener ; blue ?3
multiband: (?:maag )?magnum k ; multiband x6 ; x ?comp ; dynamic spectrum mapper ; dsm ; drawmer 1973
multiband: oxford supresser ds ; smart ?bal
eq: kirchhoff(?: eq)? ; (?:tdr )?nova(?: ge)? ; slick ?eq(?: m| ge)? ; vos slickeq ; claro ; equilibrium ; crave eq
eq: dmg equality ; eiosis air ?eq ; gullfoss ; soothe ?2? ; maag eq ?[24]
eq: bx (?:digital|dyneq|hybrid|refinement|stereomaker eq|console)(?: \w+)* ; amek (?:eq 200|9099)
eq: (?:uadx? )?(?:pultec \w+(?: \w+)*|neve 10\w+|massive passive) ; manley massive passive ; oxford eq
eq: spl (?:passeq|de verb plus) ; ssl (?:native )?(?:channel strip|x eq|bus compressor)(?: ?2)? ; sonible smart eq
eq: smart ?eq ?\d? ; split ?eq ; eq ?(?:eight|ualizer)
"""
# What makes a sound of its own.
_CREATIVE = r"""
reverb: valhalla ?(?:room|vintage ?verb|plate|shimmer|super ?massive|dsp) ; supermassive ; vintage ?verb ; raum
reverb: seventh heaven ; altiverb ; lx ?480 ; relab \w+ ; lexicon (?:480|224|pcm)\w*(?: \w+)*
reverb: pcm (?:hall|room|plate|chamber|native)\w* ; emt (?:140|250) ; little ?plate ; blackhole ; sp2016 ; tverb
reverb: ultrareverb ; oxford reverb ; spring ?(?:box|age) ; super ?plate ; capitol chambers ; ocean way studios
reverb: breeze(?: 2)? ; precedence ; b2 (?:reverb|dual) ; eareverb ; cinematic rooms ; dragonfly(?: \w+)*
reverb: oril?river ; ambience ; ambient\b ; crystalline ; space ?designer ; chroma ?verb ; hofa iq reverb ; tai chi
reverb: spaces(?: ii)? ; tsar 1r? ; nonlinear space ; verberate(?: ?\d)?
delay: echo ?boy(?: jr)? ; primal ?tap ; valhalla ?(?:delay|freq ?echo|uber ?mod) ; freq ?echo ; replika(?: xt)?
delay: colou?r ?copy ; tal dub\w* ; mdelay\w*
delay: (?:uadx? )?(?:echoplex(?: \w+)*|galaxy tape echo|re 201|cooper time cube) ; galaxy
delay: h3000 (?:factory|band delays) ; ultratap ; timefactor ; outer space ; cocoa ?delay ; deelay ; tube delay
delay: repeater(?= / (?:d16|slate))
modulation: micro ?shift ; phase ?mistress ; tremolator ; filter ?freak(?: ?\d)? ; crystallizer ; pan ?man
modulation: little micro ?shift ; h910 ; h949 ; h3000 ; valhalla ?space ?modulator ; space ?modulator
modulation: instant (?:phaser|flanger)(?: \w+)* ; chor[au]l? ; phasis ; flair ; (?:uadx? )?(?:studio d|dimension d)
modulation: quadravox ; octavox ; micropitch ; crush ?pack ; effectrix(?: ?2)? ; shaper ?box ?\d?
modulation: volume ?shaper ?\d? ; lfo ?tool ; half ?time ; gross ?beat ; movement ; tal chorus\w*
modulation: mda (?:leslie|rotary) ; duet panner ; roto ?tone ; little alter ?boy ; alterboy ; endless smile
modulation: glitch ?\d?
distortion: decapitator ; devil ?loc(?: deluxe)? ; radiator ; camel ?(?:crusher|phat) ; thermal ; predator
distortion: ohmicide ; d16 (?:devastator|decimort|redoptor)\w* ; devastor ?2? ; decimort ?2? ; redoptor ?2?
distortion: fuzz\w* ; rat distortion ; tube ?screamer ; ts ?808 ; tse ?808 ; culture vulture ; culturevulture
distortion: izotope trash \d? ; erosion ; rift(?= / minimal) ; sinister ; quad ?burst ; kombinat\w*
distortion: speakers(?= / audio) ; bit ?speek ; krush
amp: amplitube(?: ?(?:\d|max|custom shop))? ; guitar ?rig(?: ?\d)?(?: \w+)* ; bias (?:fx|amp|bass)(?: ?\d)?
amp: th ?-?[u3] ; thu ; overloud \w+ ; s ?gear ?2?
amp: (?:archetype|parallax|fortin|soldano slo|darkglass|tone king|omega ampworks|morgan amps|mesa boogie)(?: \w+)*
amp: helix native ; pod farm(?: \w+)* ; neural amp modeler ; neuralampmodeler ; nam ; tonex ; boogex ; emissary
amp: nadir ; nad ?ir ; lepou \w+ ; lecto ; legion ; hybrit ; tse ?x ?(?:30|50)\w* ; ignite \w+ ; cab ?lab
amp: wall of sound ; toneforge(?: \w+)* ; ml sound lab \w+ ; amped \w+ ; stl ton\w+(?: \w+)* ; bx rockrack
amp: (?:uadx? )?(?:marshall|fender|engl|diezel|friedman)(?: \w+)* ; softube (?:vintage|metal|bass) amp room
amp: (?:vintage|metal|bass) amp room ; bassamp ; ampeg svt\w* ; redwirez ; libra ; kabinett ; pulse ir loader
amp: genome
vocoder: vocodex ; tal vocoder ; manipulator ; vocoder\w* ; orange vocoder ; razor vocoder ; zebrify
saturation: (?:uadx? )?(?:studer a800|ampex atr ?102)(?: \w+)* ; studer ; atr ?102 ; tape machine(?: 24)? ; sdrr ?2?
saturation: black ?box hg ?2 ; hg ?2(?:ms)? ; softube tape ; saturation knob
saturation: virtual (?:mix rack|tape machines|console collection|buss compressors) ; vtm ; vcc(?: \w+)?
saturation: spl twin ?tube ; ivgi ?2? ; britson ; nvc?tube ; (?:plugin alliance )?kelvin ; bx saturator(?: v2)?
saturation: true iron ; fresh air ; spectre ; thermionic ; rc ?20(?: \w+)* ; lo fi af ; sketch ?cassette(?: ii)?
saturation: izotope vinyl ; wavesfactory cassette ; analog channel ; satin ; taupe ; tape ?it
saturation: chow ?tape(?: ?model)? ; chowtape\w* ; toneboosters reelbus ; reelbus ?4?
"""
_TOOLS = r"""
tuning: melodyne ; auto ?tune(?: \w+)* ; antares (?:auto|harmony)\w*(?: \w+)* ; nectar pitch ; vocalign(?: \w+)*
tuning: revoice(?: \w+)* ; metatune ; gsnap ; mauto ?pitch ; waves tune ; graillon(?: ?\d)? ; kerovee
tuning: synchro arts \w+ ; slate (?:digital )?metatune ; pitchmap ; retune
meter: youlean(?: loudness meter)?(?: ?\d)?(?: pro)? ; span(?: plus)?(?= /|$) ; span(?: plus)? ; levels(?= /|$)
meter: mastering the mix levels ; mvmeter ; tb ?eb ?u? ; ebu loudness ; klanghelm vu\w* ; vumt(?: ?deluxe)?
meter: dp ?meter\w* ; orban loudness ; tc electronic clarity ; lm\dn? ; nugen visualizer ; vis ?lm(?: ?2)?
meter: correlometer ; bx meter ; minimeters ; psp triple ?meter
meter: bluecat\w* (?:frequency|oscillo|dp meter|digital peak)(?: \w+)* ; j ?s?scope ; s ?\(?m\)?exoscope ; exoscope
meter: multi ?meter ; metric ?ab ; reference(?: ?2)?(?: / mastering|$) ; adptr \w+ ; isotone ; metricab
meter: audio ?lens ; expose(?: ?2)?
meter: (?:expresso|mixcheck|decibel|tbpro\w*|mloudness analyzer|manalyzer|moscilloscope|mstereoscope) ; plugindoctor
meter: lufs loudness meter
utility: sonarworks(?: \w+)* ; sound ?id reference(?: \w+)* ; arc (?:[234]|system)(?: \w+)* ; canopener(?: \w+)*
utility: dsoniq realphones ; realphones ; slate vsx ; vsx
utility: ear (?:monitoring|binaural monitoring|object|directspeakers|hoa|scene)(?: \w+)* ; ambix \w+(?: \w+)*
utility: mcfx \w+(?: \w+)* ; sparta \w+ ; fb360 \w+ ; harpex\w*(?: \w+)* ; msed(?= /|$) ; voxengo msed
utility: (?:gain ?station|blue cat\w* gain)(?: \w+)* ; utility$ ; soundboard ; rbn preview ; mda stereo
utility: l isa \w+(?: \w+)* ; listento(?: \w+)* ; audiomovers \w+ ; loopback ; source connect(?: \w+)* ; nectarine
utility: satellite sessions ; pan ?cake ; sound particles(?: \w+)* ; dearvr(?: \w+)* ; a1 ?stereo ?control
utility: ozone imager(?: \d)? ; wider ; polyverse wider ; stereo ?ize ; psp stereo\w* ; s1 stereo imager
utility: bx (?:control|solo|shredspread|subsynth)\w*
deesser: spitfish ; t ?de ?esser(?: ?\d| pro)? ; weiss deess\w* ; lisp ; sibilance ; eiosis e ?2 ?de ?esser
deesser: (?:oxford )?sup(?:r|p)esser ; esser
gate: oxford (?:drum )?gate ; drum ?gate ; black salt \w*gate ; drumatom ; silencer ; smart ?gate
restoration: supertone clear ; goyo ; clear(?= / supertone) ; accentize \w+ ; dxrevive(?: \w+)* ; unveil
restoration: spl de verb ; brusfri ; crumplepop \w+ ; era(?: \w+)* (?:noise|de)\w*(?: \w+)*
instrument: kontakt(?: ?\d)?(?: \w+)* ; ez ?drummer(?: ?\d)? ; superior drummer(?: ?\d)?
instrument: addictive (?:drums|keys)(?: ?\d)? ; mt powerdrumkit ; ssd ?\d(?:\.\d)? ; bfd ?\d? ; serum(?: ?2)?
instrument: vital ; massive(?: x)? ; omnisphere(?: ?2)? ; keyscape ; trilian ; sylenth1? ; diva ; zebra ?2?
instrument: surge(?: xt)? ; pianoteq(?: ?\d)? ; dexed ; helm ; absynth(?: ?\d)? ; reaktor(?: ?\d)? ; sforzando
instrument: sine player ; spitfire \w+(?: \w+)* ; labs ; play(?= / east) ; ez ?(?:keys|bass)(?: ?\d)?
instrument: modo (?:drum|bass)\w* ; 4klang ; battery(?: ?4)? ; ni massive ; m1 le ; arcade(?= / output) ; odin ?2
instrument: tyrell n6 ; tal (?:noisemaker|u no lx|uno lx|sampler) ; drumagog(?: \w+)*
"""
# REAPER's JS effects by path in its Effects folder (the names of those it ships), then widely used ones from outside;
# found anywhere in the path unless tied to its start.
_JS = r"""
instrument: noise_?gen ; whitenoise ; ^synthesis/(?!.*gate) ; ix/synth ; /synth ; tone_?generator
limiter: masterlimiter ; brickwall_maximizer ; mga_?jslimiter ; sp1limiter ; eventhorizon ; np1136 ; utility/limiter
limiter: truepeak ?limiter ; saike.*limiter ; smooth_?limiter
maximizer: zerocrossingmaximizer ; louderizer ; realoud ; rc_?inflator
clipper: soft_?clipper ; hard_?clip ; saike.*clip ; waveshap.*clip
compressor: sstillwell/(?:1175|majortom|mastertom|fairly|dirtsqueeze|expressbus) ; transientcontroller ; transientkiller
compressor: loser/(?:ddc|dvc|compciter|digitaldrumcompressor|upwardexp|transhape) ; schwa/.*comp ; loser/.*compressor
gate: sstillwell/(?:auto)?expand ; (?:^|/)(?:noise)?gate ; ctrl_gate
compressor: ^dynamics/
eq: 3bandeq ; 4bandeq ; phaseadjustingeq ; rbj ; sstillwell/(?:3x3|4x4|hpflpf|thunderkick|1973) ; ^filters/ ; tilteq
eq: liteon/(?:.*eq|.*filter|.*pass|.*24db|presence) ; loser/.*filter ; remaincalm_org/.*filter ; geraintluff/.*eq
deesser: de-?esser
reverb: reverb ; convolver ; (?:^|/)verb
utility: time_?adjust ; delay_?compens ; sampledelay ; timedelayer ; time_?difference_?pan
modulation: delay_ch ; chorus ; flang ; phaser ; amplitude_?mod ; ^pitch/ ; ring_?mod ; tremolo ; vibrato ; guitar/wah
modulation: loser/ppp
delay: ^delay/ ; (?:^|/)delay ; /echo
amp: amp-?model ; cabinet ; amp_sim
distortion: distort ; waveshap(?!.*clip) ; cubicdist ; fuzz ; signal_?crusher ; bitred ; lo-?fi ; adpcm
saturation: saturation ; tube_?harm ; exciter ; nonlinear ; badbuss ; ozzifier ; hugebooty ; tape ; philigree
vocoder: vocoder
utility: ^midi/ ; ^ix/ ; midi ; joiner ; splitter ; gmem ; vca_ ; drumtrigger
meter: ^analysis/ ; ^meters/ ; loudness ; lufs ; meter ; spectro ; scope ; analy[sz]er ; goniometer ; audio_statistics
meter: (?:^|/)tuner
restoration: denois ; de-?click ; noise_?red
utility: ^utility/ ; ^misc/ ; ^routing/ ; volpan ; stereo_?(?:width|pan|enh|field) ; vol(?:ume|scale) ; channel ; mixer
utility: ^atk/ ; ambitoolkit ; centercancel ; sstillwell/(?:volpan|stereo|width|realign) ; gain ; ^loser/stereo
"""
_MAKERS = (
    r"(?:(?:the|uadx?|waves|fabfilter|izotope|softube|sonnox|oxford|plugin alliance|brainworx|bx|soundtoys|eventide"
    r"|tdr|tokyo dawn(?: labs)?|voxengo|slate(?: digital)?|kush|native instruments|ni|antares|neural dsp|ik multimedia"
    r"|arturia|melda(?:production)?|dmg(?: ?audio)?|tb|toneboosters|nugen(?: audio)?|klanghelm|mastering the mix"
    r"|spl|weiss|lindell|vertigo|elysia|audiority|baby audio|newfangled(?: audio)?|sonible|exponential(?: audio)?"
    r"|lexicon|relab|celemony|tal|u he|xfer|d16|psp|fg|sknote|audio damage|output|kiive|acustica|pulsar|overloud|sir"
    r"|analog obsession|variety of sound|vos|vladg|sound|airwindows|goodhertz|unfiltered audio|apulsoft|wavesfactory"
    r"|cytomic|leapwing|oeksound|soundtheory|three body technology|tbt) )"
)


def _rows(table: str, wrap: str = "{}") -> list[tuple[re.Pattern[str], Category]]:
    """Read ``kind: pattern ; pattern`` lines into one pattern a line."""
    rows: list[tuple[re.Pattern[str], Category]] = []
    for line in table.strip().splitlines():
        kind, _, patterns = line.partition(": ")
        rows.append((re.compile(wrap.replace("{}", patterns.replace(" ; ", "|"))), cast("Category", kind)))
    return rows


_WHOLE_NAME = rf"^{_MAKERS}{{0,2}}(?:{{}})(?![a-z0-9+])"


@cache  # compiling costs 0.3 s, which only a project with plug-ins need pay
def names() -> tuple[tuple[re.Pattern[str], Category], ...]:
    """Return the patterns of ``name / maker``, each with its kind, in the order in which they are tried."""
    tables = (_COCKOS, _FABFILTER, _WAVES, _IZOTOPE, _MASTERING, _CREATIVE, _TOOLS)
    return tuple(row for table in tables for row in _rows(table, _WHOLE_NAME))


@cache
def js_paths() -> tuple[tuple[re.Pattern[str], Category], ...]:
    """Return the patterns of the paths of JS effects, each with its kind, in the order in which they are tried."""
    return tuple(_rows(_JS))
