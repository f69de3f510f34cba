using United.Core.Media;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Media;

public sealed class MediaTicketsTests
{
    [Theory, EachDatabase]
    public async Task A_ticket_is_good_for_its_file_on_every_node_for_half_a_minute(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var (media, other) = (Ids.New(scene.Time), Ids.New(scene.Time));
        var node = (await scene.OtherNode()).Tickets;

        var ticket = scene.Slice.Tickets.Make(ann, media);

        Assert.Equal(scene.Time.GetUtcNow().AddSeconds(30).ToUnixTimeMilliseconds(), ticket.ExpiresAt);
        Assert.Equal((ann.UserId, ann.SessionId), node.Read(ticket.Text, media));
        Assert.Null(node.Read(ticket.Text, other));
        scene.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.NotNull(node.Read(ticket.Text, media));
        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(node.Read(ticket.Text, media));
    }

    [Fact]
    public async Task Nothing_about_a_ticket_can_be_changed()
    {
        await using var scene = await MediaScene.On(Engine.Sqlite);
        await using var foreign = await MediaScene.On(Engine.Sqlite);
        var ann = await scene.Log.Person();
        var media = Ids.New(scene.Time);
        var text = scene.Slice.Tickets.Make(ann, media).Text;

        for (var i = 0; i < text.Length; i++)
            Assert.Null(scene.Slice.Tickets.Read($"{text[..i]}{(text[i] == 'A' ? 'B' : 'A')}{text[(i + 1)..]}", media));
        foreach (var wrong in (string[])["", "A", text[..^1], text + "A", new string('!', text.Length), new string('A', text.Length)]) Assert.Null(scene.Slice.Tickets.Read(wrong, media));
        Assert.Null(foreign.Slice.Tickets.Read(text, media));
    }
}
