using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using United.Wire.Chat;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class SignedPostTests
{
    private static readonly byte[] Seed = Ed25519.NewSeed();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Signed_message_keeps_its_signature_and_an_envelope_that_proves_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await Signer(scene), await scene.OpenChannel());
        var origin = Origin(scene, channel, Payload(ada, channel, "mine"));

        var posted = await scene.Post(ada, new PostMessage(channel, "mine", Origin: origin));

        Assert.Equal(origin.Signature, (await scene.Message(posted.MessageId)).Signature);
        Assert.False(posted.Message!.Late);
        var envelope = await scene.Database.Read(sql => sql.One("select envelope from messages", row => row.Bytes(0)));
        var fields = Fields(envelope!);
        Assert.Equal(Ed25519.PublicKeyOf(Seed), fields[1]);
        Assert.Equal($"{LogScene.ServerId[..16]}/{channel}", Encoding.UTF8.GetString((byte[])fields[3]));
        Assert.Equal((1UL, (ulong)origin.Timestamp, (ulong)origin.SequenceHint), (fields[4], fields[5], fields[6]));
        Assert.True(Ed25519.Verify((byte[])fields[1], Signed((byte[])fields[3], origin.Timestamp, origin.SequenceHint, (byte[])fields[7]), (byte[])fields[2]));
    }

    [Theory, EachDatabase]
    public async Task Signature_that_is_not_over_this_message_is_refused_and_leaves_no_trace(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel, other) = (await Signer(scene), await scene.OpenChannel(), await scene.OpenChannel());
        var right = Origin(scene, channel, Payload(ada, channel, "mine"));
        var before = await scene.Trace();

        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, channel, right with { Signature = new byte[64] }));
        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, channel, right with { Signature = [1, 2, 3] }));
        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, channel, right with { SequenceHint = 8 }));
        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, channel, right with { Timestamp = right.Timestamp - 1 }));
        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, other, right));
        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, channel, Origin(scene, channel, Payload(ada, channel, "theirs"))));
        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, channel, Origin(scene, channel, Payload(ada, other, "mine"))));
        Assert.Equal(Fault.SignatureInvalid, await Refused(scene, ada, channel, Origin(scene, channel, [0x2A, 0xFF, 0x01])));
        Assert.Equal(Fault.TooLarge, await Refused(scene, ada, channel, Origin(scene, channel, new byte[32 * 1024 + 1])));
        Assert.Equal(Fault.NoIdentityKey, await Refused(scene, await scene.Person(), channel, right));
        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task Clock_of_the_author_may_be_a_little_ahead_and_long_behind(Engine engine)
    {
        const long Minute = 60_000, Day = 24 * 60 * Minute;
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await Signer(scene), await scene.OpenChannel());

        foreach (var (offset, taken, late) in ((long, bool, bool)[])
        [
            (6 * Minute, false, false), (4 * Minute, true, false), (-4 * Minute, true, false), (-6 * Minute, true, true),
            (-29 * Day, true, true), (-31 * Day, false, false), (long.MinValue / 2, false, false),
        ])
        {
            var result = await scene.Log.Post(ada, new PostMessage(channel, "mine", Origin: Origin(scene, channel, Payload(ada, channel, "mine"), offset)), Ct);

            Assert.Equal((offset, taken, late), (offset, result.Ok, result.Ok && result.Value.Message!.Late));
            if (!taken) Assert.Equal("timestamp", result.Refusal!.Field);
        }
    }

    private static async Task<Caller> Signer(LogScene scene) =>
        (await scene.Person()) with { PublicKey = Convert.ToHexStringLower(Ed25519.PublicKeyOf(Seed)) };

    private static async Task<Fault?> Refused(LogScene scene, Caller caller, Guid channel, SignedOrigin origin) =>
        (await scene.Log.Post(caller, new PostMessage(channel, "mine", Origin: origin), Ct)).Refusal?.Fault;

    private static byte[] Payload(Caller caller, Guid channel, string content) => new ChatMessage
    {
        Id = "whatever the author calls it",
        ChannelId = channel.ToString(),
        SenderPubkey = caller.PublicKey,
        Content = content,
        Timestamp = 77,
        ClientId = "c",
    }.ToByteArray();

    private static SignedOrigin Origin(LogScene scene, Guid channel, byte[] payload, long offset = 0)
    {
        var at = scene.Time.GetUtcNow().ToUnixTimeMilliseconds() + offset;
        var topic = Encoding.UTF8.GetBytes($"{LogScene.ServerId[..16]}/{channel}");
        return new SignedOrigin(Ed25519.Sign(Seed, Signed(topic, at, 7, payload)), payload, at, 7);
    }

    private static byte[] Signed(byte[] topic, long timestamp, long hint, byte[] payload)
    {
        var numbers = new byte[20];
        BinaryPrimitives.WriteInt32BigEndian(numbers, 1);
        BinaryPrimitives.WriteInt64BigEndian(numbers.AsSpan(4), timestamp);
        BinaryPrimitives.WriteInt64BigEndian(numbers.AsSpan(12), hint);
        return [.. topic, .. numbers, .. payload];
    }

    private static Dictionary<int, object> Fields(byte[] message)
    {
        var fields = new Dictionary<int, object>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
            fields[WireFormat.GetTagFieldNumber(tag)] = WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint ? input.ReadUInt64() : input.ReadBytes().ToByteArray();
        return fields;
    }
}
