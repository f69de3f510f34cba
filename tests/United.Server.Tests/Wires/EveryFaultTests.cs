using System.Text.RegularExpressions;
using United.Core;
using United.Core.Storage;
using United.Server.Tests.House;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Whatever the slices of messages, conversations and files refuse for is told by every wire in the catalogue's words. A fault that they come to name fails here until it is provoked.</summary>
public sealed partial class EveryFaultTests
{
    private const int Burst = 40;

    private static readonly Fault[] OfEveryWire =
        [Fault.ValidationFailed, Fault.NotFound, Fault.Forbidden, Fault.ReadOnly, Fault.EncryptedConversation, Fault.RequestLimit, Fault.TooMany, Fault.RateLimited];

    // What only those wires refuse for that make and change conversations.
    private static readonly Fault[] OfConversations = [Fault.Conflict];

    // What no sound client meets over a running database, what only signed posts and uploads are refused for, and what ends a connection.
    private static readonly Dictionary<Fault, string> Elsewhere = new()
    {
        [Fault.Unavailable] = "tests/United.Core.Tests/Messages/LogFailureTests.cs",
        [Fault.SignatureInvalid] = "tests/United.Core.Tests/Messages/SignedPostTests.cs",
        [Fault.NoIdentityKey] = "tests/United.Core.Tests/Messages/SignedPostTests.cs",
        [Fault.TooLarge] = "tests/United.Core.Tests/Messages/SignedPostTests.cs",
        [Fault.SessionEnded] = "tests/United.Core.Tests/Media/MediaUploadsTests.cs",
    };

    [Fact]
    public void No_fault_of_the_slices_is_left_out()
    {
        var named = ((string[])["Messages", "Conversations", "Media"]).SelectMany(slice => Repository.Files($"src/United.Core/{slice}", "*.cs"))
            .SelectMany(file => Named().Matches(Repository.Read(file))).Select(name => name.Groups[1].Value);
        Assert.Empty(named.Distinct().Except(OfEveryWire.Concat(OfConversations).Concat(Elsewhere.Keys).Select(NameOf)));
        Assert.All(Elsewhere, pair => Assert.Contains($"Fault.{NameOf(pair.Key)}", Repository.Read(pair.Value), StringComparison.Ordinal));
    }

    [Theory, EachWire]
    public async Task Each_fault_is_told(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("Limits:MessagesPerSecond", "1"), ("Limits:MessageBurst", $"{Burst}")]);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var (channel, quiet, caller) = (await scene.OpenChannel(), await scene.OpenChannel(readOnly: true), await anna.Caller(scene.Core));
        var direct = (await scene.Core.Conversations.CreateDirect(caller, berta.Id)).Value.View.Conversation.Id;
        var sealedOne = (await scene.Core.DirectMessages.Conversations.Open(caller, scene.Owner.PublicKey)).Value.Conversation.Id;
        var driver = await scene.Drive(wire, anna);
        var theirs = (await (await scene.Drive(wire, berta)).Post(channel, "theirs")).Must().Id;
        for (var i = 0; i < 20; i++) (await driver.React(theirs, $"e{i}")).Must();
        for (var i = 0; i < 5; i++) (await driver.Post(direct, "may I?")).Must();

        AssertTold(Fault.ValidationFailed, await driver.Post(channel, ""));
        AssertTold(Fault.NotFound, await driver.Post(Ids.New(TimeProvider.System), "hello"));
        AssertTold(Fault.Forbidden, await driver.Edit(channel, theirs, "mine"));
        AssertTold(Fault.ReadOnly, await driver.Post(quiet, "may I?"));
        AssertTold(Fault.EncryptedConversation, await driver.Post(sealedOne, "for all to read"));
        AssertTold(Fault.RequestLimit, await driver.Post(direct, "may I?"));
        AssertTold(Fault.TooMany, await driver.React(theirs, "one-more"));
        if (wire != WireKind.SocketIo) AssertTold(Fault.Conflict, await (await scene.Converse(wire, anna)).Rename(direct, "no name for two"));
        var refused = await Task.WhenAll(Enumerable.Range(0, 2 * Burst).Select(_ => driver.Post(channel, "quick")));
        AssertTold(Fault.RateLimited, refused.First(outcome => outcome.Code is not null));
    }

    private static void AssertTold<T>(Fault fault, Outcome<T> outcome) => Assert.Equal((fault.HttpStatus, fault.Code), (outcome.Status, outcome.Code));

    // As the catalogue's fields are called.
    private static string NameOf(Fault fault) => string.Concat(fault.Code.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    [GeneratedRegex(@"\bFault\.([A-Z][A-Za-z]+)\b")]
    private static partial Regex Named();
}
