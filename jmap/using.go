package jmap

import proto "github.com/dragoman-mail/dragoman/generated/jmap"

// usable are the capabilities that a session names in "using" when the server has them. Nothing else is ever named:
// other capabilities may change what a server returns by default, and states got under different sets cannot
// be compared.
var usable = []string{
	proto.CapabilityCore,
	proto.CapabilityMail,
	proto.CapabilitySubmission,
	proto.CapabilityBlob,
	"urn:ietf:params:jmap:quota",
	"urn:ietf:params:jmap:principals",
	cyrusBlob,
	"https://cyrusimap.org/ns/jmap/quota",
}

// usingOf always has core and mail, so that a server without them says so itself.
func usingOf(info *proto.Session) []string {
	var using []string
	for _, name := range usable {
		_, has := info.Capabilities[name]
		if has || name == proto.CapabilityCore || name == proto.CapabilityMail {
			using = append(using, name)
		}
	}
	return using
}
