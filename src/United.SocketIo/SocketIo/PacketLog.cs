using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>
/// The last packets of a namespace and whom each was for, packed into blocks of bytes, the oldest first. As objects, thousands that live
/// for two minutes each, they would be copied twice by the collector, and that in pauses in which nothing is sent.
/// </summary>
/// <remarks>A packet: its length (4 bytes), number (8), time (8), the rooms and the excepted ones (as in memory: any string may be a name), and as the rest its frames.</remarks>
internal sealed class PacketLog
{
    // Arrays of 85,000 bytes and more are never moved by the collector. Smaller ones come first: most namespaces see few packets.
    private const int FirstBlock = 4 * 1024;
    private const int LargestBlock = 128 * 1024;
    private const int Head = 4 + 8 + 8;

    private readonly Queue<Block> _blocks = new();
    private Block? _last;

    public int Count { get; private set; }

    /// <summary>Those of the packets, without the room in the blocks that nothing fills.</summary>
    public long Bytes { get; private set; }

    public void Add(long number, long at, Target target, EngineMessage message)
    {
        var length = Head + SizeOf(target.Rooms) + SizeOf(target.Except) + message.Frames.Length;
        var rest = Room(length);
        BinaryPrimitives.WriteInt32LittleEndian(rest, length);
        BinaryPrimitives.WriteInt64LittleEndian(rest[4..], number);
        BinaryPrimitives.WriteInt64LittleEndian(rest[12..], at);
        rest = Write(target.Except, Write(target.Rooms, rest[Head..]));
        message.Frames.CopyTo(rest);
        _last!.LastNumber = number;
        Count++;
        Bytes += length;
    }

    /// <param name="at">As it was given to <see cref="Add"/>.</param>
    public bool TryPeek(out long number, out long at)
    {
        (number, at) = (0, 0);
        if (Count == 0) return false;
        var first = _blocks.Peek().Packets;
        number = NumberOf(first);
        at = BinaryPrimitives.ReadInt64LittleEndian(first[12..]);
        return true;
    }

    /// <summary>The oldest. There has to be one.</summary>
    public void Remove()
    {
        var block = _blocks.Peek();
        var length = BinaryPrimitives.ReadInt32LittleEndian(block.Packets);
        block.Start += length;
        Count--;
        Bytes -= length;
        if (block.Start < block.End) return;
        _blocks.Dequeue();
        if (block == _last) _last = null;
        ArrayPool<byte>.Shared.Return(block.Bytes);
    }

    /// <summary>Makes nothing of the packets that it passes over: with many that come back at once, many are passed over while nothing else goes on.</summary>
    /// <param name="rooms">Whose packets are asked for, and from which number on (that one not included).</param>
    /// <returns>Those after this number that are for one of the rooms or for everybody, and except none of the rooms; in their order.</returns>
    public List<EngineMessage> After(long number, Dictionary<string, long> rooms)
    {
        var found = new List<EngineMessage>();
        var names = rooms.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var block in _blocks)
        {
            if (block.LastNumber <= number) continue;
            for (var packets = block.Packets; !packets.IsEmpty;)
            {
                var packet = packets[..BinaryPrimitives.ReadInt32LittleEndian(packets)];
                packets = packets[packet.Length..];
                if (NumberOf(packet) <= number) continue;
                var rest = packet[Head..];
                var isFor = BinaryPrimitives.ReadInt32LittleEndian(rest) == 0 | HasOneOf(names, NumberOf(packet), ref rest);
                if (!HasOneOf(names, long.MaxValue, ref rest) && isFor) found.Add(EngineMessage.OfFrames(rest));
            }
        }
        return found;
    }

    private static long NumberOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadInt64LittleEndian(packet[4..]);

    private Span<byte> Room(int length)
    {
        if (_last is null || _last.Bytes.Length - _last.End < length)
        {
            var usual = _last is null ? FirstBlock : Math.Min(2 * _last.Bytes.Length, LargestBlock);
            _last = new Block(ArrayPool<byte>.Shared.Rent(Math.Max(length, usual)));
            _blocks.Enqueue(_last);
        }
        _last.End += length;
        return _last.Bytes.AsSpan(_last.End - length, length);
    }

    private static int SizeOf(IReadOnlyList<string> names)
    {
        var size = 4;
        for (var i = 0; i < names.Count; i++) size += 4 + (sizeof(char) * names[i].Length);
        return size;
    }

    private static Span<byte> Write(IReadOnlyList<string> names, Span<byte> rest)
    {
        BinaryPrimitives.WriteInt32LittleEndian(rest, names.Count);
        rest = rest[4..];
        for (var i = 0; i < names.Count; i++)
        {
            var name = MemoryMarshal.AsBytes(names[i].AsSpan());
            BinaryPrimitives.WriteInt32LittleEndian(rest, name.Length);
            name.CopyTo(rest[4..]);
            rest = rest[(4 + name.Length)..];
        }
        return rest;
    }

    /// <summary>Steps over the names that come next.</summary>
    private static bool HasOneOf(Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> rooms, long number, ref ReadOnlySpan<byte> rest)
    {
        var found = false;
        var count = BinaryPrimitives.ReadInt32LittleEndian(rest);
        rest = rest[4..];
        for (; count > 0; count--)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            found = found || (rooms.TryGetValue(MemoryMarshal.Cast<byte, char>(rest.Slice(4, length)), out var since) && number > since);
            rest = rest[(4 + length)..];
        }
        return found;
    }

    private sealed class Block(byte[] bytes)
    {
        public byte[] Bytes => bytes;

        public int Start { get; set; }

        public int End { get; set; }

        /// <summary>That of its last packet.</summary>
        public long LastNumber { get; set; }

        public ReadOnlySpan<byte> Packets => bytes.AsSpan(Start..End);
    }
}
