#!/usr/bin/perl
# interop.pl write|read NAME: see tests/interop/README.md.
use strict;
use warnings;
no warnings 'portable';    # of hex: this is a 64-bit perl, or there is no Q
use FindBin;
use lib $FindBin::Bin;
use Compress::Raw::Zlib qw(adler32);
use Ringbuf;

use constant {CAPACITY => 97, WINDOW => 16, STEP => 8, PUT => 10, SAMPLES => 1000, CHANNELS => 2, ITEM_BYTES => 13};

my @kinds = (    # bits, element: pack's letters
    {name => 'int64', type => Ringbuf::INT64, bytes => 8, bits => 'Q<', element => 'q<',
     special => [map { hex } qw(8000000000000000 7fffffffffffffff ffffffffffffffff 0020000000000001 0 1
                                00000000ffffffff ffffffff00000000)]},
    {name => 'float32', type => Ringbuf::FLOAT32, bytes => 4, bits => 'L<', element => 'f<',
     special => [map { hex } qw(80000000 7fc00001 7f812345 ffc54321 7f800000 ff800000 1 7f7fffff)]},
    {name => 'float64', type => Ringbuf::FLOAT64, bytes => 8, bits => 'Q<', element => 'd<',
     special => [map { hex } qw(8000000000000000 7ff8000000000001 7ff0000012345678 fff8765432100001
                                7ff0000000000000 fff0000000000000 1 7fefffffffffffff)]},
);

sub words {
    my ($seed, $bytes) = @_;
    return pack 'L<*', map { $seed = (1664525 * $seed + 1013904223) % 2**32 } 1 .. $bytes / 4;
}

sub sample_bytes { CHANNELS * $_[0]{bytes} }

sub samples {
    my ($kind) = @_;
    my $data = words($kind->{type}, SAMPLES * sample_bytes($kind));
    for (my $i = 0; $i < SAMPLES * CHANNELS; $i += 4) {
        substr($data, $i * $kind->{bytes}, $kind->{bytes}) = pack $kind->{bits}, $kind->{special}[$i / 4 % 8];
    }
    return $data;
}

sub hear_go { (<STDIN> // '') eq "go\n" or die 'no go' }

sub caught (&) {    # the library's error, or undef; others go on
    my ($action) = @_;
    return undef if eval { $action->(); 1 };
    die $@ unless ref $@ && $@->isa('Ringbuf::Error');
    return $@;
}

sub create {
    my ($name, $kind, $flags) = @_;
    return Ringbuf::Writer->new($name, sample_bytes($kind), data_type => $kind->{type}, channels => CHANNELS,
        capacity => CAPACITY, window => WINDOW, flags => $flags);
}

sub put_all {
    my ($writer, $kind) = @_;
    my ($data, $width) = (samples($kind), PUT * sample_bytes($kind));
    for (my $at = 0; $at < length $data; $at += $width) {
        my $block = substr $data, $at, $width;
        $writer->wait_space(PUT);
        if ($kind->{name} eq 'float64') { $writer->put_in_place($block) }
        else                            { $writer->put($block) }
    }
}

sub write_rings {
    my ($name) = @_;
    my $overwritten = create("$name.overwritten", $kinds[0], 0);
    my @writers = map { create("$name.$_->{name}", $_, Ringbuf::LOSSLESS) } @kinds;
    my $items = Ringbuf::Writer->new("$name.items", ITEM_BYTES, data_type => Ringbuf::BYTES, item_size => ITEM_BYTES,
        capacity => CAPACITY, window => WINDOW, flags => Ringbuf::LOSSLESS);
    my ($data, $width) = (samples($kinds[0]), sample_bytes($kinds[0]));
    $overwritten->put(substr $data, 0, WINDOW * $width);
    print 'error ', caught { create("$name.int64", $kinds[0], 0) }, "\n";
    print "ready\n";
    hear_go();
    $overwritten->put(substr $data, WINDOW * $width, 200 * $width);
    print "overwritten\n";

    for my $i (0 .. $#kinds) {
        put_all($writers[$i], $kinds[$i]);
        $writers[$i]->close;
    }
    $overwritten->close;
    for my $item (unpack '(a' . ITEM_BYTES . ')*', words(Ringbuf::BYTES, SAMPLES * ITEM_BYTES)) {
        $items->wait_space(1);
        $items->push($item);
    }
    print "done\n";
    <STDIN>;
}

sub read_windows {
    my ($reader, $kind) = @_;
    my ($expected, $width) = (samples($kind), sample_bytes($kind));
    my ($windows, $adler32, $sum, $nan, $minus_zero) = (0, adler32(''), 0, 0, 0);
    my $end = caught {
        for (;; ++$windows) {
            my $window = $reader->next(WINDOW, STEP);
            $adler32 = adler32($$window, $adler32);
            for my $element (unpack "($kind->{element})*", $$window) {
                if ($kind->{name} eq 'int64') { use integer; $sum += $element }
                elsif ($element != $element)  { ++$nan }
                elsif ($element == 0 && sprintf('%g', $element) eq '-0') { ++$minus_zero }
            }
            my $same = $$window eq substr $expected, $reader->start * $width, WINDOW * $width;
            $reader->check;    # from here on it is known that all this was whole
            die "$kind->{name}: the window at ${\$reader->start} is wrong\n" unless $same;
        }
    };
    my $figure = $kind->{name} eq 'int64' ? "sum=$sum" : "nan=$nan minus_zero=$minus_zero";
    printf "%s windows=%d adler32=%08x %s end=%s\n", $kind->{name}, $windows, $adler32, $figure, $end->{name};
}

sub read_items {
    my ($reader) = @_;
    my $expected = words(Ringbuf::BYTES, SAMPLES * ITEM_BYTES);
    my ($popped, $adler32) = (0, adler32(''));
    my $end = caught {
        for (;; ++$popped) {
            my $item = $reader->pop;
            die "item $popped is wrong\n" unless $item eq substr $expected, $popped * ITEM_BYTES, ITEM_BYTES;
            $adler32 = adler32($item, $adler32);
        }
    };
    printf "items popped=%d adler32=%08x end=%s\n", $popped, $adler32, $end->{name};
}

sub read_rings {
    my ($name) = @_;
    for my $wrong ("$name.nobody", 'no/name') {
        print 'error ', caught { Ringbuf::Reader->new($wrong, 1) }, "\n";
    }
    my @readers = map { Ringbuf::Reader->new("$name.$_->{name}", sample_bytes($_)) } @kinds;
    my $items = Ringbuf::Reader->new("$name.items", ITEM_BYTES);
    my $overwritten = Ringbuf::Reader->new("$name.overwritten", sample_bytes($kinds[0]));
    $overwritten->next(WINDOW, WINDOW);
    print "ready\n";
    hear_go();
    my $error = caught { $overwritten->check };
    print 'overwritten check=', $error ? $error->{name} : 'RINGBUF_OK', "\n";
    read_windows($readers[$_], $kinds[$_]) for 0 .. $#kinds;
    read_items($items);
}

$| = 1;
my ($verb, $name) = @ARGV;
{write => \&write_rings, read => \&read_rings}->{$verb}->($name);
