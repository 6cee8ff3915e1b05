using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SettlementGrid.Api;

/// <summary>
/// Where a connection comes from, as far as one sender can be told from another: an IPv4 address in any spelling (on
/// its own, mapped, or as a translator gives it: NAT64, RFC 6052), or a network of IPv6, for who has that has 2^64
/// addresses. Link-local addresses share one network on every line, so they count each by itself, with its line.
/// </summary>
/// <param name="Network">The address, or the first half of it.</param>
/// <param name="Line">The number of the line that a link-local address is on; otherwise 0.</param>
internal readonly record struct AddressKey(UInt128 Network, long Line, AddressFamily Family)
{
    private const int Ipv6Bytes = 16;
    private const int EmbeddedIpv4At = 12;

    // 64:ff9b::/96
    private static ReadOnlySpan<byte> Nat64 => [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

    public static AddressKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Bytes];
        address.TryWriteBytes(bytes, out var written);
        if (written == sizeof(uint))
        {
            return OfIpv4(bytes);
        }

        if (address.IsIPv4MappedToIPv6 || bytes.StartsWith(Nat64))
        {
            return OfIpv4(bytes[EmbeddedIpv4At..]);
        }

        return address.IsIPv6LinkLocal
            ? OfIpv6(BinaryPrimitives.ReadUInt128BigEndian(bytes), address.ScopeId)
            : OfIpv6(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    private static AddressKey OfIpv4(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(bytes), 0, AddressFamily.InterNetwork);

    private static AddressKey OfIpv6(UInt128 network, long line = 0) =>
        new(network, line, AddressFamily.InterNetworkV6);
}
