use v5.36;
use FFI::Platypus 2.00;
use FFI::Platypus::Buffer qw(window);

my $ffi = FFI::Platypus->new(api => 2, lib => 'libringbuf.so.1');
$ffi->attach(ringbuf_open     => ['opaque*', 'string', 'uint32_t'] => 'int');
$ffi->attach(ringbuf_next     => ['opaque', 'uint64_t', 'uint64_t', 'int64_t', 'opaque*', 'int64_t*'] => 'int');
$ffi->attach(ringbuf_check    => ['opaque', 'int64_t', 'int64_t'] => 'int');
$ffi->attach(ringbuf_strerror => ['int'] => 'string');

my $code = ringbuf_open(\my $ring, $ARGV[0], 0);
while ($code == 0 && ($code = ringbuf_next($ring, 480, 240, -1, \my $samples, \my $start)) == 0) {
    window my $window, $samples, 480 * 2 * 4;    # in the ring itself
    my ($left, $right) = unpack 'f2', $window;
    say "$start: $left $right" if ringbuf_check($ring, $start, $start + 480) == 0;
}
say ringbuf_strerror($code);
