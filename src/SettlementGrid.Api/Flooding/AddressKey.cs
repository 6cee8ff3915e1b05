using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SettlementGrid.Api;

/// <summary>
/// Where a connection comes from, as far as one sender can be told from another: an IPv4 address in either spelling,
/// or a network of IPv6, for who has that has 2^64 addresses.
/// </summary>
/// <param name="Network">The address, or the first half of it.</param>
internal readonly record struct AddressKey(AddressFamily Family, ulong Network)
{
    private const int Ipv6Bytes = 16;

    public static AddressKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Bytes];
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out var written);
        return new AddressKey(plain.AddressFamily, written == sizeof(uint)
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
