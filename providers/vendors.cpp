namespace aigw::providers {}
