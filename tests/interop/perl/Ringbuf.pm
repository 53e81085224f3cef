package Ringbuf;

# What the test needs of ringbuf, with FFI::Platypus: a writer and a reader whose methods die with a Ringbuf::Error.

use strict;
use warnings;
use FFI::Platypus 2.00;
use FFI::Platypus::Memory qw(memcpy);
use FFI::Platypus::Buffer qw(scalar_to_pointer window);

package Ringbuf::Options {
    use FFI::Platypus::Record;
    record_layout_1(qw(
        uint32_t struct_size
        uint32_t data_type
        uint32_t channels
        uint32_t item_size
        uint64_t capacity
        uint64_t window
        uint32_t flags
        uint32_t max_readers
        uint32_t mode
        uint32_t metadata_bytes
        double   sample_rate
        int64_t  first_index
    ));
}

use constant {FLOAT32 => 0, FLOAT64 => 2, INT64 => 8, BYTES => 255, LOSSLESS => 1, EMPTY => 13};

my $ffi = FFI::Platypus->new(api => 2, lib => 'libringbuf.so.1');
$ffi->type('record(Ringbuf::Options)' => 'options_t');
$ffi->mangler(sub { "ringbuf_$_[0]" });
my $function = sub { $ffi->function(@_)->sub_ref };
my $create     = $function->(create     => ['opaque*', 'string', 'options_t*'] => 'int');
my $open       = $function->(open       => ['opaque*', 'string', 'uint32_t'] => 'int');
my $close      = $function->(close      => ['opaque'] => 'int');
my $put        = $function->(put        => ['opaque', 'opaque', 'uint64_t'] => 'int');
my $push       = $function->(push       => ['opaque', 'opaque'] => 'int');
my $reserve    = $function->(reserve    => ['opaque', 'uint64_t', 'opaque*'] => 'int');
my $commit     = $function->(commit     => ['opaque', 'uint64_t'] => 'int');
my $wait_space = $function->(wait_space => ['opaque', 'uint64_t', 'int64_t'] => 'int');
my $next       = $function->(next       => ['opaque', 'uint64_t', 'uint64_t', 'int64_t', 'opaque*', 'int64_t*'] => 'int');
my $check      = $function->(check      => ['opaque', 'int64_t', 'int64_t'] => 'int');
my $pop        = $function->(pop        => ['opaque', 'opaque'] => 'int');
my $tell       = $function->(tell       => ['opaque', 'int64_t*'] => 'int');
my $wait       = $function->(wait       => ['opaque', 'int64_t', 'int64_t'] => 'int');
my $error_name = $function->(error_name => ['int'] => 'string');
my $last_error = $function->(last_error => [] => 'string');

package Ringbuf::Error {
    use overload '""' => sub { "$_[0]{name}: $_[0]{message}" }, fallback => 1;
}

sub checked {
    my ($code) = @_;
    return if $code == 0;
    die bless {code => $code, name => $error_name->($code), message => $last_error->()}, 'Ringbuf::Error';
}

package Ringbuf::Writer {
    sub new {
        my ($class, $name, $sample_bytes, %options) = @_;
        my $size = Ringbuf::Options->_ffi_record_size;
        Ringbuf::checked($create->(\my $ring, $name, Ringbuf::Options->new(struct_size => $size, %options)));
        return bless {ring => $ring, sample_bytes => $sample_bytes}, $class;
    }
    sub wait_space { Ringbuf::checked($wait_space->($_[0]{ring}, $_[1], -1)) }
    sub put {
        my ($self, $samples) = @_;
        my $count = length($samples) / $self->{sample_bytes};
        Ringbuf::checked($put->($self->{ring}, Ringbuf::scalar_to_pointer($samples), $count));
    }
    sub push {
        my ($self, $item) = @_;
        Ringbuf::checked($push->($self->{ring}, Ringbuf::scalar_to_pointer($item)));
    }
    sub put_in_place {    # reserve, write there, commit
        my ($self, $samples) = @_;
        my $count = length($samples) / $self->{sample_bytes};
        Ringbuf::checked($reserve->($self->{ring}, $count, \my $at));
        Ringbuf::memcpy($at, Ringbuf::scalar_to_pointer($samples), length $samples);
        Ringbuf::checked($commit->($self->{ring}, $count));
    }
    sub close { Ringbuf::checked($close->($_[0]{ring})) }
}

package Ringbuf::Reader {
    sub new {
        my ($class, $name, $sample_bytes) = @_;
        Ringbuf::checked($open->(\my $ring, $name, 0));
        return bless {ring => $ring, sample_bytes => $sample_bytes}, $class;
    }
    sub next {    # the window's bytes, a read-only string in the ring; check after use
        my ($self, $window, $step) = @_;
        Ringbuf::checked($next->($self->{ring}, $window, $step, -1, \my $at, \my $start));
        @$self{qw(start end)} = ($start, $start + $window);
        Ringbuf::window(my $bytes, $at, $window * $self->{sample_bytes});
        return \$bytes;
    }
    sub start { $_[0]{start} }
    sub check { Ringbuf::checked($check->(@{$_[0]}{qw(ring start end)})) }
    sub pop {     # waits for an item
        my ($self) = @_;
        my $item = "\0" x $self->{sample_bytes};
        while ((my $code = $pop->($self->{ring}, Ringbuf::scalar_to_pointer($item))) != 0) {
            Ringbuf::checked($code) if $code != Ringbuf::EMPTY;
            Ringbuf::checked($tell->($self->{ring}, \my $position));
            Ringbuf::checked($wait->($self->{ring}, $position + 1, -1));
        }
        return $item;
    }
    sub close { Ringbuf::checked($close->($_[0]{ring})) }
}

1;
