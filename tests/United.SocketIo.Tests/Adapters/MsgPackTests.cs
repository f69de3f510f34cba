using System.Text;
using United.SocketIo.Adapters;

namespace United.SocketIo.Tests.Adapters;

/// <summary>Bytes captured from the original.</summary>
public sealed class MsgPackTests
{
    [Theory]
    [InlineData("""["7NR2NP",{"type":2,"data":["hello",1,"2",{"a":[true,null,1.5]}],"nsp":"/"},{"rooms":[],"except":[],"flags":{}}]""", "93a6374e52324e5083a47479706502a46461746194a568656c6c6f01a13281a16193c3c0cb3ff8000000000000a36e7370a12f83a5726f6f6d7390a665786365707490a5666c61677380")]
    [InlineData("""["7NR2NP",{"type":2,"data":["hello"],"nsp":"/"},{"rooms":["room1"],"except":[],"flags":{}}]""", "93a6374e52324e5083a47479706502a46461746191a568656c6c6fa36e7370a12f83a5726f6f6d7391a5726f6f6d31a665786365707490a5666c61677380")]
    [InlineData("""["7NR2NP",{"type":2,"data":["e","é€😀"],"nsp":"/"},{"rooms":["r1","r2"],"except":["x1"],"flags":{"volatile":true,"compress":false}}]""", "93a6374e52324e5083a47479706502a46461746192a165a9c3a9e282acf09f9880a36e7370a12f83a5726f6f6d7392a27231a27232a665786365707491a27831a5666c61677382a8766f6c6174696c65c3a8636f6d7072657373c2")]
    [InlineData("""["-OgPGE",{"type":2,"data":["e",1],"nsp":"/custom"},{"rooms":["r"],"except":[],"flags":{}}]""", "93a62d4f6750474583a47479706502a46461746192a16501a36e7370a72f637573746f6d83a5726f6f6d7391a172a665786365707490a5666c61677380")]
    [InlineData("""{"uid":"7NR2NP","requestId":"9STWTQ","type":7,"packet":{"type":2,"data":["q"],"nsp":"/"},"opts":{"rooms":[],"except":[],"flags":{"timeout":800}}}""", "85a3756964a6374e52324e50a9726571756573744964a6395354575451a47479706507a67061636b657483a47479706502a46461746191a171a36e7370a12fa46f70747383a5726f6f6d7390a665786365707490a5666c61677381a774696d656f7574cd0320")]
    [InlineData("""{"type":9,"requestId":"9STWTQ","packet":"pong"}""", "83a47479706509a9726571756573744964a6395354575451a67061636b6574a4706f6e67")]
    [InlineData("[0,127,128,255,256,65535,65536,4294967295,4294967296,-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649]", "dc0012007fcc80ccffcd0100cdffffce00010000ceffffffffcf0000000100000000ffe0d0dfd080d1ff7fd18000d2ffff7fffd280000000d3ffffffff7fffffff")]
    public void Json_and_the_originals_bytes_are_the_same_thing(string json, string hex)
    {
        var packed = MsgPack.FromJson(Encoding.UTF8.GetBytes(json), []);
        Assert.Equal(hex, Convert.ToHexStringLower(packed));
        Assert.True(MsgPack.TryToJson(packed, out var back, out _));
        Assert.Equal(hex, Convert.ToHexStringLower(MsgPack.FromJson(back, [])));
    }

    [Fact]
    public void Binary_parts_and_times_are_understood()
    {
        var bytes = Convert.FromHexString("93a6374e52324e5083a47479706502a46461746193a362696ec403010203d7ff1d5353006553f100a36e7370a12f83a5726f6f6d7390a665786365707490a5666c61677380");
        Assert.True(MsgPack.TryToJson(bytes, out var json, out var attachments));
        Assert.Equal("""["7NR2NP",{"type":2,"data":["bin",{"_placeholder":true,"num":0},"2023-11-14T22:13:20.123Z"],"nsp":"/"},{"rooms":[],"except":[],"flags":{}}]""", Encoding.UTF8.GetString(json));
        Assert.Equal([1, 2, 3], Assert.Single(attachments).ToArray());
        Assert.Equal("93a3616263c403010203c0", Convert.ToHexStringLower(MsgPack.FromJson("""["abc",{"_placeholder":true,"num":0},null]"""u8.ToArray(), attachments)));
    }

    [Theory]
    [InlineData("2e400", "cb7ff0000000000000")]
    [InlineData("1.0", "01")]
    [InlineData("9007199254740993", "cf0020000000000000")]
    [InlineData("12345678901234567890", "cb43e56a95319d63e1")]
    [InlineData("1.1", "cb3ff199999999999a")]
    public void Numbers_are_what_a_double_makes_of_them(string json, string hex) => Assert.Equal(hex, Convert.ToHexStringLower(MsgPack.FromJson(Encoding.UTF8.GetBytes(json), [])));

    [Theory]
    [InlineData("")]
    [InlineData("c1")]
    [InlineData("0101")]
    [InlineData("92a1")]
    [InlineData("ddffffffff")]
    [InlineData("dfffffffff")]
    [InlineData("dbffffffff61")]
    [InlineData("c6ffffffff")]
    [InlineData("a1c3")]
    [InlineData("8101c0")]
    [InlineData("d50500")]
    [InlineData("d7ffffffffffffffffffff")]
    public void What_is_not_exactly_one_value_is_refused(string hex) => Assert.False(MsgPack.TryToJson(Convert.FromHexString(hex), out _, out _));

    [Fact]
    public void Depth_is_bounded_and_noise_never_throws()
    {
        Assert.False(MsgPack.TryToJson(Enumerable.Repeat((byte)0x91, 100_000).ToArray(), out _, out _));
        var random = new Random(3);
        for (var round = 0; round < 100_000; round++)
        {
            var noise = new byte[random.Next(24)];
            random.NextBytes(noise);
            if (MsgPack.TryToJson(noise, out var json, out _)) Assert.True(Arguments.IsJson(json));
        }
    }
}
