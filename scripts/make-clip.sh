#!/usr/bin/env bash
# Makes ingest/clip/pattern.m2ts, the clip behind `--input test://pattern`. Needs ffmpeg and ffprobe
# with libx264, and DejaVu fonts (Debian: apt-get install ffmpeg fonts-dejavu-core). Run once; the
# result is committed. What the picture contains and how to read its counter: ingest/clip/README.md.
#
# 9.6 s is the shortest time near ten seconds that is a whole number both of frames (240 at 25 fps)
# and of AAC frames (450 of 1024 samples at 48 kHz), so a loop of it has no gap and no overlap.
# Three loops are encoded and the middle one is cut out: its first AAC frame follows on from one
# that is the same as its last, so a decoder hears the seam as any other frame.
set -euo pipefail
cd "$(dirname "$0")/.."

frames=240
seconds=9.6
out=ingest/clip/pattern.m2ts
fonts=/usr/share/fonts/truetype/dejavu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT


# The background: slow waves of color, periodic in 240 frames, so the seam cannot be seen. Computed
# at a quarter of the size, as it is smooth.
turn="2*PI*N/$frames"
waves="geq=lum='96+34*sin(X/23+$turn)+26*sin(Y/17-2*$turn)+16*sin((X+Y)/29+3*$turn)'"
waves+=":cb='128+44*sin(X/47-$turn)+14*cos(Y/19+2*$turn)'"
waves+=":cr='128+40*cos(Y/31+$turn)-16*sin(X/37-2*$turn)'"

picture="$waves,scale=640:360:flags=bicubic,format=yuv420p"

# A title, a dark panel with the counter, and eight color bars with hard edges.
picture+=",drawbox=x=0:y=0:w=640:h=44:color=0x10141c@0.72:t=fill"
picture+=",drawtext=fontfile=$fonts/DejaVuSans-Bold.ttf:text='livemesh':x=16:y=12:fontsize=22:fontcolor=white"
picture+=",drawtext=fontfile=$fonts/DejaVuSans.ttf:text='test pattern  640x360  25 fps':x=624-tw:y=15:fontsize=16:fontcolor=0xd6dee8"
picture+=",drawbox=x=152:y=84:w=336:h=132:color=0x10141c@0.62:t=fill"
picture+=",drawtext=fontfile=$fonts/DejaVuSansMono-Bold.ttf:text='%{eif\\:mod(n\\,$frames)\\:d\\:3}':x=(w-tw)/2:y=96:fontsize=144:fontcolor=white"
bars=(0xe8e8e8 0xe8d800 0x00c8d8 0x18b838 0xc838b8 0xd02828 0x2848d0 0x181818)
for i in "${!bars[@]}"; do
  picture+=",drawbox=x=$((152 + 42 * i)):y=224:w=42:h=16:color=${bars[$i]}:t=fill"
done

# Two balls go round the panel twice in a loop. They are small pictures overlaid on the large one,
# because drawbox cannot move by frame.
round="format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*clip(19.5-hypot(X-19.5,Y-19.5),0,1)'"
ball="color=c=0xffc040:s=40x40:r=25,$round"
mint="color=c=0x40e0c0:s=40x40:r=25,$round"
around="2*PI*2*n/$frames"

# The counter for machines; geometry in ingest/clip/README.md. Drawn last, so nothing covers it.
squares="drawbox=x=0:y=288:w=640:h=72:color=0x606060:t=fill"
square() { # index color [enable]
  squares+=",drawbox=x=$((64 * $1 + 16)):y=304:w=32:h=32:color=$2:t=fill${3:+:enable='$3'}"
}
square 0 white
for bit in 7 6 5 4 3 2 1 0; do
  square $((8 - bit)) black
  square $((8 - bit)) white "mod(floor(mod(n\\,$frames)/$((1 << bit)))\\,2)"
done
square 9 black

# A quiet chord, slowly breathing. Every frequency has a whole number of cycles in 9.6 s:
# 220 Hz 2112, 330 Hz 3168, 440 Hz 4224, 550 Hz 5280, and 5/9.6 Hz for the breath.
breath="(0.75+0.25*cos(2*PI*5*t/$seconds))"
left="$breath*(0.10*sin(2*PI*220*t)+0.06*sin(2*PI*440*t)+0.03*sin(2*PI*550*t))"
right="$breath*(0.10*sin(2*PI*220*t)+0.06*sin(2*PI*330*t)+0.03*sin(2*PI*550*t))"

# Key frames every 25 frames of the counter; the last of ten GOPs has 15 frames, as 240 = 9*25 + 15.
ffmpeg -nostdin -v error -y \
  -filter_complex "color=c=black:s=160x90:r=25,format=yuv444p,$picture[back];
    $ball[ball];$mint[mint];
    [back][ball]overlay=x='300+256*cos($around)':y='142+84*sin($around)'[one];
    [one][mint]overlay=x='300-256*cos($around)':y='142-84*sin($around)',$squares,format=yuv420p[v]" \
  -map '[v]' -frames:v $((3 * frames)) \
  -c:v libx264 -preset veryslow -profile:v high -b:v 620k -maxrate 800k -bufsize 800k \
  -x264-params "bframes=2:b-pyramid=none:b-adapt=0:scenecut=0:keyint=250:open-gop=0:ref=3:aud=1" \
  -forced-idr 1 -force_key_frames "expr:not(mod(mod(n,$frames),25))" \
  -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 "$work/video.mp4"
ffmpeg -nostdin -v error -y -f lavfi -i "aevalsrc=exprs='$left|$right':s=48000:d=28.8" \
  -c:a aac -profile:a aac_low -b:a 96k "$work/audio.adts"

# The middle loop. Video: 240 packets from the key frame at 9.6 s, in decoding order. Audio: the
# encoder's output runs one frame behind its input, so the frame of 9.6 s is number 451.
ffmpeg -nostdin -v error -y -ss $seconds -i "$work/video.mp4" -map 0:v -c copy -frames:v $frames \
  "$work/loop.mp4"
node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const [input, output] = process.argv.slice(1);
  const bytes = readFileSync(input);
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    const size = ((bytes[at + 3] & 3) << 11) | (bytes[at + 4] << 3) | (bytes[at + 5] >> 5);
    frames.push(bytes.subarray(at, at + size));
    at += size;
  }
  writeFileSync(output, Buffer.concat(frames.slice(451, 451 + 450)));
' "$work/audio.adts" "$work/loop.adts"
# m2ts mode would write 192-byte packets, because of the name. The name is not .ts because that is
# TypeScript here.
ffmpeg -nostdin -v error -y -i "$work/loop.mp4" -i "$work/loop.adts" -map 0:v -map 1:a -c copy \
  -f mpegts -mpegts_m2ts_mode 0 -muxdelay 0 -muxpreload 0 -pat_period 0.5 \
  -metadata service_name="livemesh test pattern" -metadata service_provider=livemesh "$out"

# What everything above was for: both tracks start together and last exactly 9.6 s.
probe() { ffprobe -v error -select_streams "$1" -show_entries "packet=$2" -of csv=p=0 "$out" | tr -d , | sed '/^$/d'; }
span() { # stream field ticks-per-frame
  probe "$1" "$2" | sort -n | awk -v step="$3" '
    NR == 1 { first = $1 }
    NR > 1 && $1 - last != step { print "irregular step at " NR ": " $1 - last; exit 1 }
    { last = $1 }
    END { print NR, first, last + step - first }'
}
expect() { # what actual expected
  if [[ $2 != "$3" ]]; then echo "$1: got $2, expected $3" >&2; exit 1; fi
}
expect "video PTS: frames, first, span (1/90000 s)" "$(span v:0 pts 3600)" "240 3600 864000"
expect "video DTS" "$(span v:0 dts 3600)" "240 0 864000"
expect "audio PTS" "$(span a:0 pts 1920)" "450 3600 864000"
expect "key frames" "$(probe v:0 flags | grep -c K)" 10
expect "first frame" "$(probe v:0 flags | head -n 1 | cut -c1)" K
size=$(wc -c <"$out")
((size <= 1000000)) || { echo "$out has $size bytes, more than 1 MB" >&2; exit 1; }
echo "$out: $size bytes"
